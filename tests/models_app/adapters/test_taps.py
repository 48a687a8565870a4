"""Looking on while a stream passes: nothing is lost, and what it cost is known."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.adapters.base import Usage
from models_app.adapters.lines import Garbled
from models_app.adapters.taps import EventTap, LineTap, Tap
from tests.recordings import recorded

EVENTS = [
    "real-vllm-chat-stream.sse",
    "real-vllm-chat-unicode-stream.sse",
    "real-ollama-v1-chat-stream.sse",
    "real-ollama-v1-chat-thinking-stream.sse",
    "llamacpp-chat-stream.sse",
    "lmstudio-v1-chat-tools-stream.sse",
    "openai-chat-stream.sse",
]
LINES = ["real-ollama-chat-stream.ndjson", "real-ollama-chat-tools-stream.ndjson"]
RESPONSE = [
    b'event: response.created\ndata: {"type":"response.created","response":{}}\n\n',
    b'event: response.completed\ndata: {"type":"response.completed","response":'
    b'{"usage":{"input_tokens":7,"output_tokens":3}}}\n\n',
]


def cut(content: bytes, places: list[int]) -> list[bytes]:
    """The same bytes in pieces."""
    at = sorted({0, len(content), *(place % (len(content) + 1) for place in places)})
    return [content[a:b] for a, b in itertools.pairwise(at)]


def passed(tap: Tap, pieces: list[bytes]) -> bytes:
    return b"".join(tap.feed(each) for each in pieces)


@pytest.mark.parametrize("name", EVENTS)
@given(places=st.lists(st.integers(0, 100_000), max_size=20))
def test_events_leave_as_they_came_however_they_arrive(
    name: str, places: list[int]
) -> None:
    content, tap = recorded(name), EventTap()

    assert passed(tap, cut(content, places)) == content
    assert tap.whole


@pytest.mark.parametrize("name", LINES)
@given(places=st.lists(st.integers(0, 100_000), max_size=20))
def test_lines_leave_as_they_came_however_they_arrive(
    name: str, places: list[int]
) -> None:
    content, tap = recorded(name), LineTap()

    assert passed(tap, cut(content, places)) == content
    assert tap.whole
    assert tap.usage.completion_tokens


@pytest.mark.parametrize("places", [[], list(range(0, 5000, 7))])
def test_the_tokens_are_known_at_the_end(places: list[int]) -> None:
    tap = EventTap()

    passed(tap, cut(recorded("real-vllm-chat-stream.sse"), places))

    assert tap.usage.prompt_tokens
    assert tap.usage.completion_tokens


def test_what_we_asked_for_ourselves_is_not_passed_on() -> None:
    text = b'data: {"choices":[{"delta":{"content":"the \\"usage\\" of it"}}]}\n\n'
    count = (
        b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n'
    )
    end = b"data: [DONE]\n\n"
    tap = EventTap(hides_usage=True)

    assert tap.feed(text + count + end) == text + end
    assert tap.usage == Usage(prompt_tokens=3, completion_tokens=2)


@pytest.mark.parametrize(
    ("rest", "whole"),
    [
        (b'data: {"choices":[{"finish_reason":"stop","delta":{}}]}\n\n', True),
        (b'data: {"choices":[{"finish_reason":"stop","delta":{}}]}', True),
        (b"data: [DONE]\n", True),
        (b'data: {"choices":[{"finish_reason":null,"delta":{}}]}\n\n', False),
        (b'data: {"choices":[{"finish_reason":"abort","delta":{}}]}\n\n', False),
    ],
)
def test_a_stream_may_end_with_its_reason_alone(rest: bytes, whole: bool) -> None:
    tap = EventTap()

    tap.feed(rest)
    tap.end()

    assert tap.whole is whole


def test_words_that_look_like_the_end_are_no_end() -> None:
    tap = EventTap()

    tap.feed(b'data: {"choices":[{"delta":{"content":"data: [DONE]"}}]}\n\n')

    assert not tap.whole


def test_a_failure_in_the_stream_is_raised_in_its_words() -> None:
    with pytest.raises(Garbled, match="out of memory"):
        EventTap().feed(b'data: {"error": {"message": "out of memory"}}\n\n')
    with pytest.raises(Garbled, match="out of memory"):
        LineTap().feed(json.dumps({"error": "out of memory"}).encode() + b"\n")


def test_a_stream_of_responses_ends_without_done() -> None:
    tap = EventTap()

    assert passed(tap, RESPONSE) == b"".join(RESPONSE)
    assert tap.whole
    assert tap.usage == Usage(prompt_tokens=7, completion_tokens=3)


def test_an_event_without_an_end_is_not_kept_for_ever() -> None:
    tap = EventTap()

    for _ in range(8):
        tap.feed(b"x" * 1_000_000)

    with pytest.raises(Garbled):
        tap.feed(b"x" * 1_000_000)
