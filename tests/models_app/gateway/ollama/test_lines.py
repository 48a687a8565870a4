"""A reply as Ollama would have told it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from models_app.adapters.base import Loading, Piece, Reasoning, Text, ToolCall, Usage
from models_app.gateway.ollama.lines import (
    Lines,
    Whole,
    Words,
    chat_words,
    generate_words,
)
from models_app.serving.ask import Begun, Done, Queued, Step

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
CALL = ToolCall("a", "look", '{"city": "Oslo"}')
USAGE = Usage(prompt_tokens=9, completion_tokens=3, prompt_ms=2.5, load_ms=1)
DONE = Done("stop", USAGE, first_token_ms=40, total_ms=100, queue_ms=10)


def lines_of(*steps: Step, words: Words = chat_words) -> list[dict[str, Any]]:
    writer = Lines("tiny", words, now=lambda: NOON)
    return [json.loads(line) for each in steps if (line := writer.take(each))]


def whole_of(*steps: Step, words: Words = chat_words) -> dict[str, Any]:
    writer = Whole("tiny", words, now=lambda: NOON)
    (told,) = (told for each in steps if (told := writer.take(each)))
    read: dict[str, Any] = json.loads(told)
    return read


def test_each_text_is_a_line_that_ends() -> None:
    line = Lines("tiny", chat_words, now=lambda: NOON).take(Text("Hé"))

    assert line.endswith(b"}\n")
    assert json.loads(line) == {
        "model": "tiny",
        "created_at": "2026-11-29T12:00:00Z",
        "message": {"role": "assistant", "content": "Hé"},
        "done": False,
    }


def test_thinking_stands_beside_an_empty_text() -> None:
    (chat,) = lines_of(Reasoning("Hm"))
    (generated,) = lines_of(Reasoning("Hm"), words=generate_words)

    assert chat["message"] == {"role": "assistant", "content": "", "thinking": "Hm"}
    assert (generated["response"], generated["thinking"]) == ("", "Hm")


def test_calls_are_numbered_and_have_objects_as_arguments() -> None:
    first, second = lines_of(CALL, ToolCall("b", "find", "nonsense"))

    assert first["message"]["tool_calls"] == [
        {
            "id": "a",
            "function": {"index": 0, "name": "look", "arguments": {"city": "Oslo"}},
        }
    ]
    assert second["message"]["tool_calls"][0]["function"] == {
        "index": 1,
        "name": "find",
        "arguments": {},
    }


def test_the_last_line_says_what_it_cost() -> None:
    *_, last = lines_of(Text("Hi"), DONE)

    assert last["done"]
    assert last["message"] == {"role": "assistant", "content": ""}
    assert {name: last[name] for name in last if name.endswith(("count", "tion"))} == {
        "total_duration": 100_000_000,
        "load_duration": 1_000_000,
        "prompt_eval_count": 9,
        "prompt_eval_duration": 2_500_000,
        "eval_count": 3,
        "eval_duration": 60_000_000,
    }


def test_counts_that_nobody_told_are_left_out() -> None:
    (last,) = lines_of(Done("stop", Usage(), first_token_ms=None, total_ms=5))

    assert "eval_count" not in last
    assert last["eval_duration"] == 0


@pytest.mark.parametrize(
    ("reason", "told"), [("length", "length"), ("tool_calls", "stop"), ("", "stop")]
)
def test_ollama_knows_two_reasons_to_end(reason: str, told: str) -> None:
    (last,) = lines_of(Done(reason, Usage(), first_token_ms=1, total_ms=5))

    assert last["done_reason"] == told


def test_what_goes_on_before_is_no_line() -> None:
    assert lines_of(Queued(1, 2, "gpu-01"), Begun("gpu-01"), Loading()) == []


def test_what_a_server_said_stays_as_it_is_and_has_its_own_end() -> None:
    for writer in (Lines("tiny", chat_words), Whole("tiny", chat_words)):
        assert writer.take(Piece(b"{}\n")) == b"{}\n"
        assert writer.take(DONE) == b""


def test_a_whole_answer_has_all_of_it() -> None:
    told = whole_of(Reasoning("Hm"), Text("One"), Text(" two"), CALL, DONE)

    assert told["message"]["content"] == "One two"
    assert told["message"]["thinking"] == "Hm"
    assert told["message"]["tool_calls"][0]["function"]["name"] == "look"
    assert (told["done"], told["eval_count"]) == (True, 3)


def test_what_turned_out_to_be_thinking_is_told_so() -> None:
    done = Done("stop", Usage(), first_token_ms=1, total_ms=5, thought=3)

    told = whole_of(Text("Hm\n"), Text("\nYes"), done, words=generate_words)

    assert (told["response"], told["thinking"]) == ("Yes", "Hm\n")
