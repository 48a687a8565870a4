"""Reading recorded streams of Ollama's own API, cut wherever they can be."""

import json

import pytest

from models_app.adapters.base import Chunk, Reasoning, Text, Usage
from models_app.adapters.lines import Garbled
from models_app.adapters.ollama_stream import ChatReader
from tests.fakes.asking import finish_in, reasoning_in, text_in
from tests.recordings import recorded

PLAIN = "real-ollama-chat-stream.ndjson"
THINKING = "real-ollama-chat-thinking-stream.ndjson"


def read(*pieces: bytes) -> list[Chunk]:
    chunks: list[Chunk] = []
    reader = ChatReader()
    for piece in (*pieces, b""):
        if not reader.finished:
            chunks += reader.feed(piece)
    return chunks


def line(**fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def test_a_recorded_stream_is_read() -> None:
    chunks = read(recorded(PLAIN))

    assert text_in(chunks) == "The capital of France is Paris."
    assert finish_in(chunks).reason == "stop"


def test_thinking_is_reasoning() -> None:
    chunks = read(recorded(THINKING))

    assert reasoning_in(chunks) == "The user wants the capital of France.\n"
    assert text_in(chunks) == "Paris."


@pytest.mark.parametrize("name", [PLAIN, THINKING])
def test_it_does_not_matter_where_a_stream_is_cut(name: str) -> None:
    stream = recorded(name)
    whole = read(stream)

    for cut in range(1, len(stream)):
        assert read(stream[:cut], stream[cut:]) == whole


def test_a_stream_without_its_last_object_is_broken() -> None:
    stream = recorded(PLAIN).rstrip()

    for cut in range(len(stream)):
        with pytest.raises(Garbled, match="ended early"):
            read(stream[:cut])


def test_the_last_object_may_lack_its_line_end() -> None:
    assert read(recorded(PLAIN).rstrip()) == read(recorded(PLAIN))


def test_an_error_line_comes_after_the_text_before_it() -> None:
    found = ChatReader().feed(recorded("real-ollama-chat-runner-killed.ndjson"))

    assert isinstance(next(found), Text)
    with pytest.raises(Garbled, match="an error was encountered while running"):
        list(found)


def test_counts_and_times_come_along() -> None:
    usage = finish_in(read(recorded(PLAIN))).usage

    assert usage == Usage(16, 8, None, 44.529, 718.801, 1.264067)


def test_a_count_of_nothing_is_left_out_and_so_is_a_prompt_from_the_cache() -> None:
    finish = finish_in(read(line(done=True, done_reason="length", total_duration=5)))

    assert finish.usage == Usage(prompt_tokens=None, completion_tokens=0)


def test_a_stranger_that_counts_nothing_leaves_the_counts_unknown() -> None:
    assert finish_in(read(line(done=True))).usage == Usage()


def test_text_of_the_last_object_counts() -> None:
    last = line(message={"content": "!"}, done=True, done_reason="stop")

    assert text_in(read(line(message={"content": "a"}), last)) == "a!"


def test_inline_thinking_becomes_reasoning() -> None:
    pieces = [line(message={"content": part}) for part in ("<think>h", "m</think>yes")]

    chunks = read(*pieces, line(done=True))

    assert chunks[:-1] == [Reasoning("h"), Reasoning("m"), Text("yes")]


def test_nothing_is_read_after_the_last_object() -> None:
    chunks = read(line(done=True) + line(done=True) + line(error="late"))

    assert len(chunks) == 1


def test_blank_lines_and_unicode_line_ends_do_no_harm() -> None:
    raw = json.dumps({"message": {"content": "a\u0085b\u2028c"}}, ensure_ascii=False)

    assert text_in(read(b"\n" + raw.encode() + b"\n\n" + line(done=True))) == (
        "a\u0085b\u2028c"
    )
