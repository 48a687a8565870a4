"""JSON by a schema, and thinking by order, as each kind of server is asked for them."""

from typing import Any

import httpx
import pytest

from models_app.adapters import ADAPTERS
from models_app.adapters.base import ChatMessage, ChatRequest
from models_app.adapters.lmstudio_body import fits_native, native_body
from models_app.adapters.ollama import chat_body
from models_app.adapters.openai import OpenAIAdapter

SCHEMA = {"type": "object"}
HELLO = (ChatMessage("user", "hello"),)


def body_at(kind: str, **wanted: Any) -> dict[str, Any]:
    """What a server of that kind is sent in OpenAI's dialect."""
    adapter = ADAPTERS[kind](httpx.AsyncClient(), server="gpu-01")
    assert isinstance(adapter, OpenAIAdapter)
    return adapter._body(ChatRequest("tiny", HELLO, **wanted))


def test_ollama_is_told_in_its_own_words() -> None:
    body = chat_body(ChatRequest("tiny", HELLO, format=SCHEMA, think=False))

    assert (body["format"], body["think"]) == (SCHEMA, False)
    assert chat_body(ChatRequest("tiny", HELLO)).keys() == {
        "model",
        "messages",
        "stream",
    }


@pytest.mark.parametrize("kind", ["openai", "vllm", "llamacpp", "lmstudio"])
def test_all_others_are_told_a_response_format(kind: str) -> None:
    body = body_at(kind, format=SCHEMA)

    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert "response_format" not in body_at(kind)


@pytest.mark.parametrize(("kind", "told"), [("openai", False), ("vllm", True)])
def test_strangers_are_not_told_whether_to_think(kind: str, told: bool) -> None:
    assert ("chat_template_kwargs" in body_at(kind, think=True)) == told


def test_lm_studio_is_asked_for_json_in_openais_dialect() -> None:
    assert fits_native(ChatRequest("tiny", HELLO, think="low"))
    assert not fits_native(ChatRequest("tiny", HELLO, format="json"))


@pytest.mark.parametrize(
    ("think", "told"), [(True, "on"), ("low", "low"), (False, None), (None, None)]
)
def test_lm_studio_is_told_to_think_and_never_not_to(
    think: bool | str | None, told: str | None
) -> None:
    body = native_body(ChatRequest("tiny", HELLO, think=think))

    assert body.get("reasoning") == told
