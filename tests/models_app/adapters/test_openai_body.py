"""What is asked for in OpenAI's dialect."""

import pytest

from models_app.adapters.base import ChatMessage, Image, ToolCall
from models_app.adapters.openai_body import message_of

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
