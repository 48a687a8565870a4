"""Reading recorded streams of OpenAI's dialect, cut wherever they can be."""

import json

import pytest

from models_app.adapters.base import Chunk, Finish, Reasoning, Text, Usage
from models_app.adapters.lines import Garbled
from models_app.adapters.openai_stream import ChatReader
from tests.fakes.asking import finish_in, reasoning_in, text_in
from tests.recordings import recorded

STREAMS = {
    "real-vllm-chat-stream.sse": "The capital of France is Paris.",
    "real-ollama-v1-chat-stream.sse": "The capital of France is Paris.",
    "llamacpp-chat-stream.sse": "The most obvious example of a color is",
    "openai-chat-stream-variants.sse": "Blåbær 🫐!",
}


def read(*pieces: bytes) -> list[Chunk]:
    reader = ChatReader()
    return [chunk for piece in (*pieces, b"") for chunk in read_piece(reader, piece)]


def read_piece(reader: ChatReader, piece: bytes) -> list[Chunk]:
    return [] if reader.finished else [*reader.feed(piece)]


def event(**fields: object) -> bytes:
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


def said(text: str | None, **choice: object) -> bytes:
    return event(choices=[{"index": 0, "delta": {"content": text}, **choice}])


@pytest.mark.parametrize("name", STREAMS)
def test_a_recorded_stream_is_read(name: str) -> None:
    chunks = read(recorded(name))

    assert text_in(chunks).startswith(STREAMS[name])
    assert finish_in(chunks).usage.completion_tokens


@pytest.mark.parametrize("name", [*STREAMS, "llamacpp-chat-stream-nousage.sse"])
def test_it_does_not_matter_where_a_stream_is_cut(name: str) -> None:
    stream = recorded(name)
    whole = read(stream)

    for cut in range(1, len(stream)):
        assert read(stream[:cut], stream[cut:]) == whole


def test_a_stream_may_come_byte_by_byte() -> None:
    stream = recorded("real-vllm-chat-unicode-stream.sse")

    assert read(*(bytes([byte]) for byte in stream)) == read(stream)


def test_a_stream_that_ends_early_is_broken_unless_its_reply_was_whole() -> None:
    stream = recorded("real-vllm-chat-stream.sse")
    finished = stream.index(b'"finish_reason":"stop"')
    finished = stream.index(b"}", finished) + len(b"}]}")

    for cut in range(finished):
        with pytest.raises(Garbled, match="ended early"):
            read(stream[:cut])
    for cut in range(finished, len(stream)):
        assert finish_in(read(stream[:cut])).reason == "stop"


def test_done_alone_does_not_make_a_reply_whole() -> None:
    with pytest.raises(Garbled):
        read(said("half"), b"data: [DONE]\n\n")


def test_ollamas_lost_error_is_found() -> None:
    with pytest.raises(Garbled):
        read(recorded("real-ollama-v1-chat-runner-killed.sse"))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("real-vllm-stream-term-killed.sse", " who stands", "EngineCore encountered"),
        ("openai-chat-stream-error.sse", "Once", "engine stopped"),
    ],
)
def test_an_error_in_the_middle_comes_after_the_text_before_it(
    name: str, text: str, words: str
) -> None:
    chunks: list[Chunk] = []

    with pytest.raises(Garbled, match=words):
        chunks.extend(ChatReader().feed(recorded(name)))

    assert text_in(chunks).endswith(text)


def test_reasoning_has_two_names() -> None:
    vllm = read(recorded("real-vllm-chat-reasoning-unsplit-stream.sse"))
    ollama = read(recorded("real-ollama-v1-chat-thinking-stream.sse"))
    generic = read(recorded("openai-chat-stream.sse"))

    assert reasoning_in(vllm).startswith("user not in chat")
    assert reasoning_in(ollama).startswith("The user wants")
    assert text_in(ollama) == "Paris."
    assert reasoning_in(generic)


def test_inline_thinking_becomes_reasoning() -> None:
    stop = event(choices=[{"delta": {}, "finish_reason": "stop"}])

    chunks = read(said("<thi"), said("nk>hm"), said("</think>"), said("yes"), stop)

    assert chunks[:2] == [Reasoning("hm"), Text("yes")]


def test_what_was_held_back_comes_before_the_finish() -> None:
    chunks = read(said("1 <"), said("", finish_reason="stop"), b"data: [DONE]\n\n")

    assert text_in(chunks) == "1 <"
    assert finish_in(chunks).reason == "stop"


def test_the_finish_may_carry_the_last_of_the_text() -> None:
    assert text_in(read(said("whole", finish_reason="length"))) == "whole"


def test_llamacpps_timings_come_along() -> None:
    with_usage = finish_in(read(recorded("llamacpp-chat-stream.sse")))
    without = finish_in(read(recorded("llamacpp-chat-stream-nousage.sse")))

    assert with_usage == Finish("length", Usage(34, 12, 24, 1424.193, 4707.972))
    assert without == Finish("length", Usage(31, 3, 24, 2674.573, 1820.314))


def test_progress_and_running_counts_are_no_text() -> None:
    progress = read(recorded("llamacpp-chat-progress-stream.sse"))
    counts = read(recorded("real-vllm-chat-stream-continuous-usage.sse"))

    assert isinstance(progress[0], Text)
    assert finish_in(counts).usage.completion_tokens == 6


def test_a_server_that_does_not_count_leaves_the_counts_unknown() -> None:
    finish = finish_in(read(recorded("real-vllm-chat-stream-no-usage.sse")))

    assert finish.usage == Usage()


def test_line_ends_of_unicode_inside_text_do_not_cut_it() -> None:
    text = "a\u2028b\u2029c\u0085d"
    raw = json.dumps({"choices": [{"delta": {"content": text}}]}, ensure_ascii=False)

    chunks = [*ChatReader().feed(b"data: " + raw.encode() + b"\n\n")]

    assert chunks == [Text(text)]


def test_nulls_and_unknown_fields_are_ignored() -> None:
    nothing = event(choices=[], error=None, usage=None, what={"ever": 1})

    chunks = read(nothing, said(None), said("a", finish_reason="stop", usage=None))

    assert text_in(chunks) == "a"


def test_what_follows_done_is_not_read() -> None:
    reader = ChatReader()
    stop = said("a", finish_reason="stop")

    chunks = [*reader.feed(stop + b"data: [DONE]\n\n" + said("b"))]

    assert text_in(chunks) == "a"
    assert reader.finished
