"""What is asked for in OpenAI's dialect."""

import pytest

from models_app.adapters.base import ChatMessage, Image, ParameterValue, ToolCall
from models_app.adapters.openai_body import means_default, message_of

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


@pytest.mark.parametrize(
    ("name", "value", "default"),
    [
        ("num_predict", -1, True),
        ("num_predict", -2, True),
        ("num_predict", 9, False),
        ("seed", -1, True),
        ("seed", 0, False),
        ("temperature", -1, False),
    ],
)
def test_only_a_negative_limit_or_seed_means_the_default(
    name: str, value: ParameterValue, default: bool
) -> None:
    assert means_default(name, value) == default
