"""Reading recorded streams of Ollama's own API."""

import json

import pytest

from models_app.adapters.base import Text, ToolCall, Usage
from models_app.adapters.lines import Garbled
from models_app.adapters.ollama_stream import ChatReader
from tests.fakes.asking import finish_in, text_in
from tests.models_app.adapters.dialects import NDJSON
from tests.recordings import recorded

read = NDJSON.read


def line(**fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def test_an_error_line_comes_after_the_text_before_it() -> None:
    found = ChatReader().feed(recorded("real-ollama-chat-runner-killed.ndjson"))

    assert isinstance(next(found), Text)
    with pytest.raises(Garbled, match="an error was encountered while running"):
        list(found)


def test_a_count_of_nothing_is_left_out_and_so_is_a_prompt_from_the_cache() -> None:
    finish = finish_in(read(line(done=True, done_reason="length", total_duration=5)))

    assert finish.usage == Usage(prompt_tokens=None, completion_tokens=0)


def test_a_stranger_that_counts_nothing_leaves_the_counts_unknown() -> None:
    assert finish_in(read(line(done=True))).usage == Usage()


def test_text_of_the_last_object_counts() -> None:
    last = line(message={"content": "!"}, done=True, done_reason="stop")

    assert text_in(read(line(message={"content": "a"}), last)) == "a!"


def test_calls_in_several_objects_are_told_apart() -> None:
    lines = [
        line(message={"tool_calls": [{"function": {"name": name, "arguments": {}}}]})
        for name in ("get_time", "get_weather")
    ]

    assert read(*lines, line(done=True))[:-1] == [
        ToolCall("call_0", "get_time", "{}"),
        ToolCall("call_1", "get_weather", "{}"),
    ]


def test_a_reply_may_end_without_a_reason() -> None:
    assert finish_in(read(line(done=True))).reason == ""
