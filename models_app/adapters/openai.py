"""Servers that speak OpenAI's dialect: any of them, as cautiously as strangers deserve."""

from collections.abc import AsyncGenerator, Mapping
from functools import partial
from typing import Any, ClassVar

import httpx

from models_app.adapters.base import (
    Can,
    ChatRequest,
    Chunk,
    ModelFacts,
    ParameterValue,
)
from models_app.adapters.client import SHORT
from models_app.adapters.failures import backend_errors
from models_app.adapters.openai_models import listed, model_facts
from models_app.adapters.openai_stream import ChatReader
from models_app.adapters.stream import opened, refusal, relay

CHAT = "/v1/chat/completions"
NO_STREAM = ("application/json", "text/html")
WITH_USAGE = {"stream_options": {"include_usage": True}}


class OpenAIAdapter:
    can: ClassVar[frozenset[Can]] = frozenset({Can.LIST, Can.CHAT})

    names: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "temperature": ("temperature",),
        "top_p": ("top_p",),
        "top_k": ("top_k",),
        "min_p": ("min_p",),
        "num_predict": ("max_tokens",),
        "seed": ("seed",),
        "stop": ("stop",),
        "repeat_penalty": ("repeat_penalty", "repetition_penalty"),
        "presence_penalty": ("presence_penalty",),
        "frequency_penalty": ("frequency_penalty",),
    }
    """What this kind calls each parameter; one that is missing here is not sent."""

    keeps_connections: ClassVar[bool] = False
    """Whether a connection can carry another POST after a streamed reply.

    llama.cpp says that it can, and closes it all the same.
    """

    def __init__(self, client: httpx.AsyncClient, *, server: str) -> None:
        self.client = client
        self.server = server

    async def list_models(self) -> list[ModelFacts]:
        with backend_errors(self.server):
            response = await self.client.get("/v1/models", timeout=SHORT)
            if _elsewhere(response):
                response = await self.client.get("/models", timeout=SHORT)
            entries = listed(response)
            if not response.is_success or entries is None:
                raise refusal(response)
            return [model_facts(entry) for entry in entries]

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        return relay(self.server, partial(self._ask, request), ChatReader())

    async def _ask(self, request: ChatRequest) -> httpx.Response:
        """Ask with a count of tokens; without, where the server refuses to count."""
        body = self._body(request)
        try:
            return await self._post(body | WITH_USAGE)
        except httpx.HTTPStatusError as refused:
            text = refused.response.text
            if "stream_options" not in text and "include_usage" not in text:
                raise
        return await self._post(body)

    async def _post(self, body: dict[str, Any]) -> httpx.Response:
        keep = self.keeps_connections
        return await opened(self.client, CHAT, body, no_stream=NO_STREAM, keep=keep)

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        messages = [{"role": m.role, "content": m.text} for m in request.messages]
        parameters = {
            theirs: value
            for name, value in request.parameters.items()
            for theirs in self.names.get(name, ())
            if not _means_default(name, value)
        }
        return {
            **parameters,
            "model": request.model,
            "messages": messages,
            "stream": True,
        }


def _elsewhere(response: httpx.Response) -> bool:
    """Some servers put no version before their paths, or answer all of them with a page."""
    missing = response.status_code in (404, 405)
    return missing or (response.is_success and listed(response) is None)


def _means_default(name: str, value: ParameterValue) -> bool:
    """Ollama's -1 for "no limit" and "any seed": here one says so by saying nothing."""
    return name in ("num_predict", "seed") and isinstance(value, int) and value < 0
