"""A question in Ollama's dialect, in the words that every server is asked with."""

import base64
from typing import Any

import pytest

from dashboard.errors import FieldUnfit
from models_app.adapters.base import ChatMessage, ChatRequest, Image, Tool, ToolCall
from models_app.gateway.ollama.words import chat_request, generate_request

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff\xe0"
ASKED = {"role": "user", "content": "How warm is it?"}


def asked(**fields: Any) -> ChatRequest:
    return chat_request({"messages": [ASKED], **fields}, "tiny")


def calling(*calls: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": "", "tool_calls": [*calls]}


def call(name: str, **more: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": {"city": "Oslo"}}, **more}


def answers_in(*messages: dict[str, Any]) -> list[ToolCall | None]:
    request = asked(messages=[ASKED, *messages])
    return [each.answers for each in request.messages if each.role == "tool"]


def test_roles_are_read_whatever_their_case() -> None:
    request = asked(messages=[{"role": "System", "content": "Be short."}, ASKED])

    assert request.messages == (
        ChatMessage("system", "Be short."),
        ChatMessage("user", "How warm is it?"),
    )


@pytest.mark.parametrize(
    ("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (b"?", "image/png")]
)
def test_a_picture_is_what_its_first_bytes_say(content: bytes, kind: str) -> None:
    picture = base64.b64encode(content).decode()
    (message,) = asked(messages=[{**ASKED, "images": [picture]}]).messages

    assert message.images == (Image(content, kind),)


def test_options_are_parameters_of_a_modelfile() -> None:
    options = {"temperature": 0, "num_predict": 20.0, "stop": "\n", "numa": True}

    assert asked(options={**options, "seed": None}).parameters == {
        "temperature": 0,
        "num_predict": 20,
        "stop": ["\n"],
    }


def test_a_tool_is_read_as_openai_writes_it() -> None:
    schema = {"type": "object"}
    told = {"type": "function", "function": {"name": "look", "parameters": schema}}

    assert asked(tools=[told]).tools == (Tool("look", "", schema),)


def test_what_a_tool_says_answers_the_call_of_that_function() -> None:
    made = calling(call("look"), call("find"))
    found = answers_in(
        made,
        {"role": "tool", "content": "x", "tool_name": "find"},
        {"role": "tool", "content": "y"},
    )

    assert [each and (each.id, each.name) for each in found] == [
        ("call_2", "find"),
        ("call_1", "look"),
    ]


def test_what_a_tool_says_answers_the_call_of_that_number() -> None:
    made = calling(call("look", id="a"), call("look", id="b"))
    found = answers_in(made, {"role": "tool", "content": "x", "tool_call_id": "b"})

    assert found == [ToolCall("b", "look", '{"city": "Oslo"}')]


def test_a_tool_may_speak_unasked() -> None:
    assert answers_in({"role": "tool", "content": "x"}) == [None]


def test_a_prompt_is_a_chat_of_one_message() -> None:
    body = {"prompt": "Hello", "system": "Be short.", "format": "json", "think": "low"}
    request = generate_request(body, "tiny")

    assert [(each.role, each.text) for each in request.messages] == [
        ("system", "Be short."),
        ("user", "Hello"),
    ]
    assert (request.format, request.think) == ("json", "low")


def test_an_empty_format_is_none() -> None:
    assert asked(format="").format is None


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"content": "hello"}]}, "messages"),
        ({"messages": [{"role": "user", "content": [1]}]}, "content"),
        ({"messages": [{**ASKED, "images": ["data:image/png;base64,eA=="]}]}, "images"),
        ({"messages": [{**ASKED, "images": [1]}]}, "images"),
        ({"messages": [calling({"function": {}})]}, "tool_calls"),
        (
            {"messages": [calling({"function": {"name": "a", "arguments": "{}"}})]},
            "tool_calls",
        ),
        ({"tools": [{"function": {"name": "a", "parameters": "x"}}]}, "tools"),
        ({"tools": {"function": {}}}, "tools"),
        ({"format": "yaml"}, "format"),
        ({"think": 3}, "think"),
        ({"options": [1]}, "options"),
        ({"options": {"num_predict": "many"}}, "options.num_predict"),
    ],
)
def test_what_makes_no_sense_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(FieldUnfit) as unfit:
        asked(**fields)

    assert unfit.value.facts["param"] == param
