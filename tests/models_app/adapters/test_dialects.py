"""Reading each dialect from bytes that are cut, padded and ended in every way."""

import pytest

from models_app.adapters.base import Chunk, Finish
from models_app.adapters.lines import Garbled
from tests.fakes.asking import finish_in, reasoning_in, text_in
from tests.models_app.adapters.chats import CHATS, Chat
from tests.models_app.adapters.dialects import NATIVE, NDJSON, OPENAI, Dialect
from tests.recordings import recorded

ODD = "a\u2028b\u2029c\u0085d 🫐\r\n\t\x0b"
SSE = {"openai": OPENAI, "native": NATIVE}

every_dialect = pytest.mark.parametrize(
    "dialect", [OPENAI, NATIVE, NDJSON], ids=["openai", "native", "ndjson"]
)
every_sse = pytest.mark.parametrize("dialect", SSE.values(), ids=SSE)
every_chat = pytest.mark.parametrize("chat", CHATS.values(), ids=CHATS)


def read_unless_broken(dialect: Dialect, stream: bytes) -> list[Chunk] | str:
    try:
        return dialect.read(stream)
    except Garbled as failure:
        return str(failure)


def bytewise(stream: bytes) -> list[bytes]:
    return [stream[at : at + 1] for at in range(len(stream))]


@every_chat
def test_it_does_not_matter_where_a_stream_is_cut(chat: Chat) -> None:
    stream, dialect = recorded(chat.recording), chat.channel.dialect
    whole = dialect.read(stream)

    assert finish_in(whole) == chat.finish
    for cut in range(1, len(stream)):
        assert dialect.read(stream[:cut], stream[cut:]) == whole


@every_chat
def test_a_stream_cut_short_is_broken_or_as_good_as_whole(chat: Chat) -> None:
    stream, dialect = recorded(chat.recording), chat.channel.dialect

    for cut in range(len(stream)):
        chunks = read_unless_broken(dialect, stream[:cut])
        if isinstance(chunks, str):
            assert chunks == "the stream ended early"
        else:
            assert text_in(chunks) == chat.text
            assert finish_in(chunks).reason == chat.finish.reason


@every_dialect
def test_line_ends_of_unicode_inside_text_do_not_cut_it(dialect: Dialect) -> None:
    stream = dialect.said(ODD, "é") + dialect.end

    assert text_in(dialect.read(*bytewise(stream))) == f"{ODD}é"


@every_dialect
def test_lines_may_end_in_carriage_returns(dialect: Dialect) -> None:
    stream = dialect.reasoning("hm") + dialect.said("a", "b") + dialect.end
    stream = stream.replace(b"\n", b"\r\n")

    for chunks in (dialect.read(stream), dialect.read(*bytewise(stream))):
        assert (reasoning_in(chunks), text_in(chunks)) == ("hm", "ab")


@every_sse
def test_comments_and_other_fields_are_skipped(dialect: Dialect) -> None:
    noise = b": keep-alive\n\nretry: 10\nid: 7\n\n:\n"
    stream = noise.join([b"", *map(dialect.text, "ab"), dialect.end])

    for chunks in (dialect.read(stream), dialect.read(*bytewise(stream))):
        assert text_in(chunks) == "ab"


@every_sse
def test_data_may_stand_without_a_space(dialect: Dialect) -> None:
    stream = (dialect.said("a") + dialect.end).replace(b"data: ", b"data:")

    assert text_in(dialect.read(stream)) == "a"


def test_blank_lines_between_objects_are_skipped() -> None:
    stream = b"\n\n".join([*map(NDJSON.text, "ab"), NDJSON.end])

    assert text_in(NDJSON.read(stream)) == "ab"


@every_dialect
def test_the_last_line_may_lack_its_end(dialect: Dialect) -> None:
    stream = (dialect.said("a") + dialect.end).rstrip(b"\n")

    assert text_in(dialect.read(stream)) == "a"


@every_dialect
def test_nothing_is_read_after_the_end(dialect: Dialect) -> None:
    stream = dialect.said("a") + dialect.end + dialect.said("b") + dialect.error("late")

    chunks = dialect.read(stream)

    assert text_in(chunks) == "a"
    assert isinstance(chunks[-1], Finish)


@every_dialect
def test_thinking_inside_the_text_becomes_reasoning(dialect: Dialect) -> None:
    stream = dialect.said("<thi", "nk>h", "m</th", "ink>\n\nso") + dialect.end

    chunks = dialect.read(stream)

    assert (reasoning_in(chunks), text_in(chunks)) == ("hm", "so")


@every_dialect
def test_thinking_that_only_ends_is_counted(dialect: Dialect) -> None:
    chunks = dialect.read(dialect.said("hm\n", "</think>", "so") + dialect.end)

    assert text_in(chunks)[finish_in(chunks).thought :] == "so"


@every_dialect
def test_what_was_held_back_comes_before_the_finish(dialect: Dialect) -> None:
    assert text_in(dialect.read(dialect.said("1 <") + dialect.end)) == "1 <"


@every_dialect
def test_text_that_no_database_takes_is_made_fit(dialect: Dialect) -> None:
    event = dialect.text("a@b").replace(b"@", b"\\u0000\\ud800")

    assert text_in(dialect.read(event + dialect.end)) == "a?b"


@every_dialect
def test_bytes_that_are_no_utf_8_spoil_no_more_than_themselves(
    dialect: Dialect,
) -> None:
    event = dialect.text("a@b").replace(b"@", b"\xff")

    assert text_in(dialect.read(event + dialect.end)) == "a\ufffdb"
