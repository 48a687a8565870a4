"""Reading recorded streams of OpenAI's dialect, with all that only some servers do."""

import json

import pytest

from models_app.adapters.base import Chunk, Finish, Reading, Text, Usage
from models_app.adapters.lines import Garbled, Replaced
from models_app.adapters.openai_stream import ChatReader
from tests.fakes.asking import finish_in, reasoning_in, text_in
from tests.models_app.adapters.dialects import OPENAI
from tests.recordings import recorded

read = OPENAI.read


def event(**fields: object) -> bytes:
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def said(text: str | None = None, **choice: object) -> bytes:
    return event(choices=[{"index": 0, "delta": {"content": text}, **choice}])


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
        read(said("half"), DONE)


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

    assert not any(text_in([each]) for each in progress[:2])
    assert finish_in(counts).usage.completion_tokens == 6


def test_a_server_that_does_not_count_leaves_the_counts_unknown() -> None:
    finish = finish_in(read(recorded("real-vllm-chat-stream-no-usage.sse")))

    assert finish.usage == Usage()


def test_nulls_and_unknown_fields_are_ignored() -> None:
    nothing = event(choices=[], error=None, usage=None, what={"ever": 1})

    chunks = read(nothing, said(None), said("a", finish_reason="stop", usage=None))

    assert text_in(chunks) == "a"


@pytest.mark.parametrize(
    "choice",
    [
        {"delta": {}},
        {"delta": None},
        {},
        {"delta": {"content": None}},
        {"delta": {"content": ""}},
        {"delta": {"role": "assistant"}},
        {"delta": {"role": "assistant", "content": None, "tool_calls": None}},
        {"delta": {}, "finish_reason": None},
    ],
)
def test_a_delta_may_say_nothing_and_its_role_again(choice: dict[str, object]) -> None:
    nothing = event(choices=[choice])

    chunks = read(nothing, said("a"), nothing, said("b", finish_reason="stop"), nothing)

    assert text_in(chunks) == "ab"
    assert finish_in(chunks).reason == "stop"


@pytest.mark.parametrize("reason", ["abort", "error"])
def test_a_reply_that_the_server_gave_up_is_broken(reason: str) -> None:
    chunks: list[Chunk] = []

    with pytest.raises(Garbled, match=f"gave this reply up \\({reason}\\)"):
        chunks.extend(OPENAI.reader().feed(said("a", finish_reason=reason) + DONE))

    assert text_in(chunks) == "a"


def test_reasoning_has_two_names_of_which_one_counts() -> None:
    both = event(choices=[{"delta": {"reasoning": "hm", "reasoning_content": "hm"}}])

    assert reasoning_in(read(both, said(finish_reason="stop"))) == "hm"


@pytest.mark.parametrize("told", ["tiny", "tiny:2", "", None])
def test_the_model_that_was_asked_for_may_answer(told: str | None) -> None:
    reader = ChatReader(expects="tiny")

    chunks = [*reader.feed(event(model=told, choices=[{"delta": {"content": "a"}}]))]

    assert chunks == [Text("a")]


@pytest.mark.parametrize("first", [b"", event(choices=[])])
def test_no_other_model_may_answer(first: bytes) -> None:
    reader = ChatReader(expects="tiny")

    with pytest.raises(Replaced, match="large"):
        list(reader.feed(first + event(model="large", choices=[])))


def test_llamacpp_tells_how_much_of_the_prompt_it_has_read() -> None:
    chunks = read(recorded("llamacpp-chat-progress-stream.sse"))

    assert [each for each in chunks if isinstance(each, Reading)] == [
        Reading(done=24, total=40, cached=24),
        Reading(done=40, total=40, cached=24),
    ]
