"""A chat in OpenAI's dialect, in the words that every server is asked with."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.adapters.base import ChatMessage, ChatRequest, Image, Tool, ToolCall
from models_app.gateway.openai.words import chat_request

PICTURE = "data:image/PNG;base64," + base64.b64encode(b"\x89PNG").decode()
ASKED = {"role": "user", "content": "How warm is it?"}
SCHEMA = {"type": "object", "properties": {"age": {"type": "integer"}}}
LOOK = {"name": "look", "description": "Looks", "parameters": SCHEMA, "strict": True}
CALL = {"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}}

FIELDS = ["tools", "response_format", "reasoning_effort", "stop", "n"]
NAMES = ["role", "content", "tool_calls", "type", "function", "name", "arguments", "id"]
VALUES = ["user", "assistant", "tool", "text", "image_url", "function", "json_schema"]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([*VALUES, PICTURE]),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), each, max_size=4)
    ),
    max_leaves=12,
)


def read(**fields: Any) -> ChatRequest | None:
    return chat_request({"model": "x", "messages": [ASKED], **fields}, "tiny")


def asked(**fields: Any) -> ChatRequest:
    request = read(**fields)
    assert request
    return request


def spoken(*messages: dict[str, Any]) -> tuple[ChatMessage, ...]:
    return asked(messages=[*messages]).messages


def test_fields_are_parameters_of_a_modelfile() -> None:
    fields: dict[str, Any] = {"temperature": 0, "top_p": 0.5, "seed": 7, "stop": "\n"}
    own = {"top_k": 3, "num_ctx": 9000, "presence_penalty": 1, "frequency_penalty": -1}

    assert asked(**fields, **own, repetition_penalty=1.1).parameters == {
        **fields,
        **own,
        "stop": ["\n"],
        "repeat_penalty": 1.1,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"max_tokens": 5},
        {"max_completion_tokens": 5},
        {"max_tokens": 9, "max_completion_tokens": 5},
    ],
)
def test_a_limit_has_two_names(fields: dict[str, int]) -> None:
    assert asked(**fields).parameters == {"num_predict": 5}


def test_a_developer_is_the_system() -> None:
    assert spoken({"role": "developer", "content": "Be short."}, ASKED) == (
        ChatMessage("system", "Be short."),
        ChatMessage("user", "How warm is it?"),
    )


def test_parts_are_texts_and_pictures() -> None:
    parts = [
        {"type": "text", "text": "What"},
        {"type": "image_url", "image_url": {"url": PICTURE, "detail": "high"}},
        {"type": "image_url", "image_url": PICTURE},
        {"type": "text", "text": "is this?", "cache_control": {"type": "ephemeral"}},
    ]
    picture = Image(b"\x89PNG", "image/png")

    assert spoken({"role": "user", "content": parts}) == (
        ChatMessage("user", "What\nis this?", (picture, picture)),
    )


def test_what_a_tool_says_answers_the_call_that_it_names() -> None:
    call = ToolCall("a", "look", "{}")
    calling = {
        "role": "assistant",
        "content": None,
        "reasoning_content": "Hm",
        "tool_calls": [CALL],
        "refusal": None,
        "annotations": [],
    }
    answer = {"role": "tool", "content": "Warm", "tool_call_id": "a"}

    assert spoken(calling, answer) == (
        ChatMessage("assistant", "", calls=(call,), thinking="Hm"),
        ChatMessage("tool", "Warm", answers=call),
    )


def test_a_tool_may_answer_a_call_that_is_not_told() -> None:
    answer = {"role": "tool", "content": "x", "tool_call_id": "b", "name": "look"}

    assert spoken(answer)[0].answers == ToolCall("b", "look", "{}")


def test_arguments_may_be_an_object() -> None:
    function = {"name": "look", "arguments": {"city": "Oslo"}}
    (message,) = spoken(
        {"role": "assistant", "tool_calls": [{**CALL, "function": function}]}
    )

    assert message.calls == (ToolCall("a", "look", '{"city": "Oslo"}'),)


def test_tools_are_functions() -> None:
    tools = [{"type": "function", "function": LOOK}]

    assert asked(tools=tools).tools == (Tool("look", "Looks", SCHEMA),)


@pytest.mark.parametrize(
    ("wanted", "read_as"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, "json"),
        (
            {
                "type": "json_schema",
                "json_schema": {"name": "it", "schema": SCHEMA, "strict": True},
            },
            SCHEMA,
        ),
    ],
)
def test_formats_are_read(wanted: dict[str, Any], read_as: object) -> None:
    assert asked(response_format=wanted).format == read_as


@pytest.mark.parametrize(
    ("effort", "think"), [("none", False), ("minimal", "low"), ("high", "high")]
)
def test_an_effort_is_how_much_is_thought(effort: str, think: object) -> None:
    assert asked(reasoning_effort=effort).think == think
    assert asked().think is None


def test_what_says_nothing_of_the_reply_is_no_hindrance() -> None:
    usual = {"n": 1, "logprobs": False, "logit_bias": {}, "tool_choice": "auto"}
    beside = {"user": "u", "store": True, "parallel_tool_calls": True, "stream": True}

    assert asked(**usual, **beside, stream_options={"include_usage": True}) == asked()


def saying(**fields: Any) -> dict[str, Any]:
    return {"messages": [{**ASKED, **fields}]}


def calling(**fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "assistant", "tool_calls": [{**CALL, **fields}]}]}


@pytest.mark.parametrize(
    "fields",
    [
        {"n": 2},
        {"logprobs": True},
        {"logit_bias": {"7": 1}},
        {"tool_choice": "required"},
        {"parallel_tool_calls": False},
        {"keep_alive": 60},
        {"functions": [LOOK]},
        {"reasoning_effort": "xhigh"},
        {"reasoning_effort": []},
        {"temperature": "hot"},
        {"stop": [1]},
        {"stream_options": {"continuous_usage_stats": True}},
        {"stream_options": 3},
        {"response_format": {"type": "grammar"}},
        {"response_format": {"type": "json_schema"}},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
        {"response_format": "json"},
        {"tools": [{"type": "custom", "custom": {"name": "a"}}]},
        {"tools": [{"type": "function", "function": {"name": 3}}]},
        {"tools": [{"type": "function", "function": {**LOOK, "parameters": "x"}}]},
        {"tools": "look"},
        saying(role="function"),
        saying(role=None),
        saying(name="olive"),
        saying(content=3),
        saying(content=["hello"]),
        saying(content=[{"type": "input_audio", "input_audio": {"data": "eA=="}}]),
        saying(content=[{"type": "text"}]),
        saying(content=[{"type": "image_url", "image_url": "https://a.example/b.png"}]),
        saying(content=[{"type": "image_url", "image_url": PICTURE + "!"}]),
        saying(role="tool"),
        calling(id=None),
        calling(type="custom"),
        calling(function={"name": "look", "arguments": "{"}),
        calling(function={"name": "look", "arguments": "[]"}),
        {"messages": [{"role": "assistant", "tool_calls": 3}]},
    ],
)
def test_what_cannot_be_said_makes_it_untranslatable(fields: dict[str, Any]) -> None:
    assert read(**fields) is None


@given(
    st.dictionaries(st.sampled_from(FIELDS), anything),
    st.lists(st.dictionaries(st.sampled_from(NAMES), anything)),
)
def test_whatever_is_sent_is_read_or_left_as_it_is(
    fields: dict[str, Any], messages: list[dict[str, Any]]
) -> None:
    request = read(messages=messages, **fields)

    assert request is None or len(request.messages) == len(messages)
