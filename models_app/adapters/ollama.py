"""Ollama, by its native API: only there are its options and its thinking."""

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any, ClassVar

import httpx

from models_app.adapters.amounts import whole
from models_app.adapters.base import Can, ChatRequest, Chunk, ModelFacts
from models_app.adapters.client import SHORT
from models_app.adapters.failures import backend_errors
from models_app.adapters.ollama_stream import ChatReader
from models_app.adapters.stream import opened, refusal, relay

NO_STREAM = ("text/html",)
OPTIONS = frozenset(
    {
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "num_predict",
        "num_ctx",
        "seed",
        "stop",
        "repeat_penalty",
        "presence_penalty",
        "frequency_penalty",
    }
)


class OllamaAdapter:
    can: ClassVar[frozenset[Can]] = frozenset({Can.LIST, Can.CHAT})

    def __init__(self, client: httpx.AsyncClient, *, server: str) -> None:
        self.client = client
        self.server = server

    async def list_models(self) -> list[ModelFacts]:
        with backend_errors(self.server):
            response = await self.client.get("/api/tags", timeout=SHORT)
            entries = _listed(response)
            if not response.is_success or entries is None:
                raise refusal(response)
            return [model_facts(entry) for entry in entries]

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        return relay(self.server, partial(self._ask, request), ChatReader())

    async def _ask(self, request: ChatRequest) -> httpx.Response:
        body = chat_body(request)
        return await opened(
            self.client, "/api/chat", body, no_stream=NO_STREAM, keep=True
        )


def chat_body(request: ChatRequest) -> dict[str, Any]:
    """Options only where they are set: another `num_ctx` makes the server reload."""
    messages = [{"role": m.role, "content": m.text} for m in request.messages]
    body = {"model": request.model, "messages": messages, "stream": True}
    options = {
        name: value for name, value in request.parameters.items() if name in OPTIONS
    }
    return body | ({"options": options} if options else {})


def model_facts(entry: dict[str, Any]) -> ModelFacts:
    details = entry.get("details") or {}
    remote = {"cloud"} if entry.get("remote_model") else set()
    return ModelFacts(
        name=str(entry["name"]),
        context=whole(details.get("context_length")),
        size=whole(entry.get("size")),
        quantization=str(details.get("quantization_level") or ""),
        family=str(details.get("family") or ""),
        parameters=str(details.get("parameter_size") or ""),
        capabilities=frozenset({*(entry.get("capabilities") or ()), *remote}),
    )


def _listed(response: httpx.Response) -> list[dict[str, Any]] | None:
    """The entries of the list; None when the body is no such list."""
    try:
        told = response.json()
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not isinstance(told.get("models", 0), list | None):
        return None
    models = told["models"] or []
    return [each for each in models if isinstance(each, dict) and each.get("name")]
