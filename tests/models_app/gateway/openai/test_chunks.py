"""A reply as OpenAI would have told it, read by the types of its own SDK."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from models_app.adapters.base import Loading, Piece, Reasoning, Text, ToolCall, Usage
from models_app.gateway.openai.chunks import Chunks, Whole
from models_app.gateway.writing import Writer
from models_app.serving.ask import Begun, Done, Queued, Step

BEGUN = Begun("gpu-01", "ollama", "7f")
CALL = ToolCall("a", "look", '{"city": "Oslo"}')
USAGE = Usage(prompt_tokens=9, completion_tokens=3, cached_tokens=4)
DONE = Done("stop", USAGE, first_token_ms=40, total_ms=100)
END = "[DONE]"

said = st.text(min_size=1, max_size=8)
parts = st.lists(
    st.builds(Text, said)
    | st.builds(Reasoning, said)
    | st.builds(ToolCall, id=said, name=said, arguments=said),
    max_size=12,
)


def taken(writer: Writer, *steps: Step) -> bytes:
    return b"".join(map(writer.take, steps))


def chunks_of(*steps: Step, tells_usage: bool = False) -> list[ChatCompletionChunk]:
    """What an SDK reads of a stream that ends as it should."""
    stream = taken(Chunks("tiny", tells_usage=tells_usage, now=lambda: 60.5), *steps)
    *events, end, rest = stream.decode().split("\n\n")
    assert (end, rest) == (f"data: {END}", "")
    read = [json.loads(each.removeprefix("data: ")) for each in events]
    return [ChatCompletionChunk.model_validate(each) for each in read]


def whole_of(*steps: Step) -> ChatCompletion:
    content = taken(Whole("tiny", now=lambda: 60.5), *steps)
    return ChatCompletion.model_validate_json(content)


def heard(chunk: ChatCompletionChunk) -> Step | None:
    """The step that a chunk was."""
    delta = chunk.choices[0].delta
    if delta.content:
        return Text(delta.content)
    if thought := getattr(delta, "reasoning_content", None):
        return Reasoning(thought)
    for call in delta.tool_calls or ():
        assert call.function
        function = call.function
        return ToolCall(call.id or "", function.name or "", function.arguments or "")
    return None


@given(parts)
def test_what_is_streamed_comes_out_whole_and_in_order(steps: list[Step]) -> None:
    first, *middle, last = chunks_of(BEGUN, *steps, DONE)

    assert [heard(each) for each in middle] == steps
    assert (first.choices[0].delta.role, heard(first), heard(last)) == (
        *("assistant", None, None),
    )


@given(parts)
def test_what_comes_whole_has_all_of_it_in_order(steps: list[Step]) -> None:
    (choice,) = whole_of(BEGUN, *steps, DONE).choices
    message: Any = choice.message

    def words(kind: type[Text | Reasoning]) -> str:
        return "".join(each.text for each in steps if isinstance(each, kind))

    assert (message.content or "") == words(Text)
    assert getattr(message, "reasoning_content", "") == words(Reasoning)
    calls = [
        ToolCall(each.id, each.function.name, each.function.arguments)
        for each in message.tool_calls or ()
    ]
    assert calls == [each for each in steps if isinstance(each, ToolCall)]


def test_all_events_are_of_one_answer() -> None:
    chunks = chunks_of(Queued(1, 0, "gpu-01"), BEGUN, Loading(), Text("Hi"), DONE)

    assert {(each.id, each.model, each.created) for each in chunks} == {
        ("chatcmpl-7f", "tiny", 60)
    }
    assert [each.choices[0].finish_reason for each in chunks] == [None, None, "stop"]


def test_calls_are_numbered() -> None:
    _, *calls, _ = chunks_of(CALL, CALL, DONE)

    found = [each.choices[0].delta.tool_calls or [] for each in calls]
    assert [call.index for (call,) in found] == [0, 1]


@pytest.mark.parametrize(
    ("reason", "steps", "told"),
    [
        ("length", [Text("Hi")], "length"),
        ("stop", [CALL], "tool_calls"),
        ("tool_calls", [Text("Hi")], "stop"),
        ("length", [CALL], "length"),
    ],
)
def test_reasons_to_end_have_openais_names(
    reason: str, steps: list[Step], told: str
) -> None:
    done = Done(reason, Usage(), first_token_ms=1, total_ms=5)

    assert chunks_of(*steps, done)[-1].choices[0].finish_reason == told
    assert whole_of(*steps, done).choices[0].finish_reason == told


def test_a_stream_tells_the_tokens_to_whoever_asks() -> None:
    *_, last = chunks_of(Text("Hi"), DONE, tells_usage=True)

    assert last.choices == []
    assert last.usage
    assert (last.usage.prompt_tokens, last.usage.total_tokens) == (9, 12)
    assert all(each.usage is None for each in chunks_of(Text("Hi"), DONE))


def test_a_whole_answer_tells_the_tokens_and_which_were_known() -> None:
    usage = whole_of(Text("Hi"), DONE).usage

    assert usage
    assert usage.prompt_tokens_details
    assert (usage.completion_tokens, usage.prompt_tokens_details.cached_tokens) == (
        *(3, 4),
    )


def test_tokens_that_nobody_counted_are_not_told() -> None:
    done = Done("stop", Usage(), first_token_ms=1, total_ms=5)

    assert whole_of(Text("Hi"), done).usage is None
    assert all(each.choices for each in chunks_of(Text("Hi"), done, tells_usage=True))


def test_what_turned_out_to_be_thinking_is_told_so() -> None:
    done = Done("stop", Usage(), first_token_ms=1, total_ms=5, thought=3)
    message: Any = whole_of(Text("Hm\n"), Text("\nYes"), done).choices[0].message

    assert (message.content, message.reasoning_content) == ("Yes", "Hm\n")


def test_what_a_server_said_stays_as_it_is_and_has_its_own_end() -> None:
    for writer in (Chunks("tiny"), Whole("tiny")):
        assert taken(writer, BEGUN, Piece(b"{}\n\n"), DONE) == b"{}\n\n"
