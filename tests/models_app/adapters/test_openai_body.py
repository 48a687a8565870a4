"""What is asked for in OpenAI's dialect."""

import pytest

from models_app.adapters.base import ChatMessage, Image, ToolCall
from models_app.adapters.lmstudio_body import ANY_OBJECT as LM_STUDIOS
from models_app.adapters.openai_body import (
    ANY_OBJECT,
    message_of,
    response_format,
    thinking,
)

CALL = ToolCall("a", "look", "{}")
PICTURE = Image(b"x", "image/png")


@pytest.mark.parametrize(("text", "content"), [("", None), ("So.", "So.")])
def test_a_message_that_only_calls_says_nothing_beside(
    text: str, content: str | None
) -> None:
    spoken = message_of(ChatMessage("assistant", text, calls=(CALL,)))

    assert spoken["content"] == content
    assert spoken["tool_calls"][0]["type"] == "function"


def test_a_picture_needs_no_words() -> None:
    (part,) = message_of(ChatMessage("user", "", images=(PICTURE,)))["content"]

    assert part == {
        "type": "image_url",
        "image_url": {"url": "data:image/png;base64,eA=="},
    }


def test_an_empty_message_stays_text() -> None:
    assert message_of(ChatMessage("assistant", "")) == {
        "role": "assistant",
        "content": "",
    }


def test_json_of_any_shape_is_asked_for_as_the_server_takes_it() -> None:
    assert response_format("json", ANY_OBJECT) == {"type": "json_object"}
    assert response_format("json", LM_STUDIOS)["json_schema"] == {
        "name": "answer",
        "schema": {"type": "object"},
    }


def test_a_schema_is_given_a_name() -> None:
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}}

    assert response_format(schema, ANY_OBJECT) == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema},
    }


@pytest.mark.parametrize(
    ("wanted", "switches", "sent"),
    [
        (None, True, {}),
        (False, False, {}),
        (False, True, {"chat_template_kwargs": {"enable_thinking": False}}),
        ("low", False, {"reasoning_effort": "low"}),
    ],
)
def test_thinking_is_asked_for_where_that_can_be_said(
    wanted: bool | str | None, switches: bool, sent: dict[str, object]
) -> None:
    assert thinking(wanted, switches=switches) == sent
