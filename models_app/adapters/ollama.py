"""Ollama, by its native API: only there are its options and its thinking."""

import base64
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

import httpx

from models_app.adapters.base import (
    Can,
    ChatMessage,
    ChatRequest,
    Chunk,
    Dialect,
    Honour,
    LoadedModel,
    Meters,
    ModelFacts,
    ToolCall,
    Verbatim,
    Workload,
)
from models_app.adapters.failures import backend_errors
from models_app.adapters.fetch import fetched
from models_app.adapters.honours import heed, same_names
from models_app.adapters.ollama_manage import NO_STREAM, OllamaManagement
from models_app.adapters.ollama_models import (
    listed,
    loaded_model,
    model_facts,
    with_details,
)
from models_app.adapters.ollama_stream import ChatReader
from models_app.adapters.openai import OpenAIAdapter
from models_app.adapters.openai_body import tool_of
from models_app.adapters.shapes import object_in
from models_app.adapters.signs import Sign
from models_app.adapters.stream import opened, refusal, relay
from models_app.adapters.verbatim import passed_on

OPTIONS = same_names(
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "typical_p",
    "num_predict",
    "num_ctx",
    "num_keep",
    "seed",
    "stop",
    "repeat_last_n",
    "repeat_penalty",
    "presence_penalty",
    "frequency_penalty",
    "num_batch",
    "num_gpu",
    "main_gpu",
    "num_thread",
    "use_mmap",
    "draft_num_predict",
)


def _greets(response: httpx.Response) -> bool:
    return response.is_success and "Ollama is running" in response.text


def _has_version(response: httpx.Response) -> bool:
    told = object_in(response)
    known = isinstance(told.get("version"), str) and "error" not in told
    return known and response.is_success


class OllamaAdapter(OllamaManagement):
    kind: ClassVar[str] = "ollama"
    label: ClassVar[str] = "Ollama"
    port: ClassVar[int] = 11434
    can: ClassVar[frozenset[Can]] = OllamaManagement.manages | {
        Can.LIST,
        Can.DESCRIBE,
        Can.LOADED,
        Can.VERSION,
        Can.CHAT,
        Can.TOOLS,
        Can.IMAGES,
        Can.CONTINUE,
    }
    speaks: ClassVar[frozenset[Dialect]] = frozenset({Dialect.OLLAMA, Dialect.OPENAI})
    signs: ClassVar[tuple[Sign, ...]] = (
        Sign(1, "/", _greets),
        Sign(2, "/api/version", _has_version),
    )

    at_start: ClassVar[Mapping[str, str]] = {}
    silent: ClassVar[bool] = True

    @classmethod
    def in_openai(cls) -> Mapping[str, Honour]:
        """Its own names have no place there."""
        return OpenAIAdapter.honours

    @classmethod
    def honours_for(cls, request: ChatRequest) -> Mapping[str, Honour]:
        """It takes what a Modelfile can say, each with its own name there."""
        return OPTIONS

    async def list_models(self) -> list[ModelFacts]:
        with backend_errors(self.server):
            return [model_facts(each) for each in await self._entries("/api/tags")]

    async def describe(self, model: ModelFacts) -> ModelFacts:
        """What servers before 2026 leave out of their list; never the whole vocabulary."""
        with backend_errors(self.server):
            asked = {"model": model.name, "verbose": False}
            response = await fetched(self.client, "/api/show", json=asked)
            if not response.is_success:
                raise refusal(response)
            return with_details(model, object_in(response))

    async def list_loaded(self) -> list[LoadedModel]:
        with backend_errors(self.server):
            return [loaded_model(each) for each in await self._entries("/api/ps")]

    async def workload(self) -> Workload:
        """It does not say."""
        return Workload()

    async def meters(self) -> Meters:
        return Meters()

    async def version(self) -> str:
        with backend_errors(self.server):
            told = object_in(await fetched(self.client, "/api/version")).get("version")
            return told if isinstance(told, str) else ""

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        return relay(self.server, partial(self._ask, request), ChatReader())

    def passed(self, request: Verbatim) -> AsyncGenerator[Chunk, None]:
        return passed_on(self.client, self.server, request, keep=True)

    async def _entries(self, path: str) -> list[dict[str, Any]]:
        response = await fetched(self.client, path)
        entries = listed(response)
        if not response.is_success or entries is None:
            raise refusal(response)
        return entries

    async def _ask(self, request: ChatRequest) -> httpx.Response:
        body = chat_body(request)
        return await opened(
            self.client, "/api/chat", body, no_stream=NO_STREAM, keep=True
        )


def chat_body(request: ChatRequest) -> dict[str, Any]:
    """Options only where they are set: another `num_ctx` makes the server reload.

    A last message of the assistant is one that it writes on by itself.
    """
    body = {
        "model": request.model,
        "messages": [message_of(each) for each in request.messages],
        "stream": True,
    }
    if options := heed(request.parameters, OPTIONS).fields:
        body["options"] = options
    if request.tools:
        body["tools"] = [tool_of(each) for each in request.tools]
    if request.format:
        body["format"] = request.format
    if request.think is not None:
        body["think"] = request.think
    return body


def message_of(message: ChatMessage) -> dict[str, Any]:
    """Pictures as bare base64, arguments as an object: it refuses both otherwise."""
    spoken: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.thinking:
        spoken["thinking"] = message.thinking
    if message.images:
        spoken["images"] = [
            base64.b64encode(each.content).decode() for each in message.images
        ]
    if message.calls:
        spoken["tool_calls"] = [_call(each) for each in message.calls]
    if message.answers:
        spoken["tool_name"] = message.answers.name
        spoken["tool_call_id"] = message.answers.id
    return spoken


def _call(call: ToolCall) -> dict[str, Any]:
    arguments: object = None
    with suppress(ValueError):
        arguments = json.loads(call.arguments)
    known = arguments if isinstance(arguments, dict) else {}
    return {"id": call.id, "function": {"name": call.name, "arguments": known}}
