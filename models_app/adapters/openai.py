"""Servers that speak OpenAI's dialect: any of them, as cautiously as strangers deserve."""

from collections.abc import AsyncGenerator, Mapping
from functools import partial
from typing import Any, ClassVar

import httpx

from models_app.adapters.base import (
    Can,
    ChatRequest,
    Chunk,
    Dialect,
    Honour,
    LoadedModel,
    Meters,
    ModelFacts,
    Verbatim,
    Workload,
)
from models_app.adapters.failures import backend_errors
from models_app.adapters.fetch import fetched
from models_app.adapters.honours import LARGEST_COUNT, LARGEST_SEED, heed
from models_app.adapters.manageable import Manageable
from models_app.adapters.manners import LIMIT, keep_manners, manners_of
from models_app.adapters.openai_body import (
    ANY_OBJECT,
    response_format,
    spoken,
    thinking,
    tool_of,
)
from models_app.adapters.openai_models import listed, model_facts
from models_app.adapters.openai_stream import ChatReader
from models_app.adapters.shapes import object_in
from models_app.adapters.signs import Sign
from models_app.adapters.stream import opened, refusal, relay
from models_app.adapters.verbatim import passed_on

CHAT = "/v1/chat/completions"
NO_STREAM = ("application/json", "text/html")
WRITE_ON = {"continue_final_message": True, "add_generation_prompt": False}
"""What vLLM and llama.cpp take for writing on: each alone is refused, or a new reply."""
NO_ROUTE = (404, 405)


def _lists(response: httpx.Response) -> bool:
    """An empty list is a sign only where OpenAI puts it."""
    entries, named = listed(response), "data" in object_in(response)
    return response.is_success and entries is not None and (named or bool(entries))


class OpenAIAdapter(Manageable):
    kind: ClassVar[str] = "openai"
    label: ClassVar[str] = "OpenAI-compatible"
    port: ClassVar[int] = 0
    can: ClassVar[frozenset[Can]] = frozenset(
        {Can.LIST, Can.CHAT, Can.TOOLS, Can.IMAGES}
    )
    speaks: ClassVar[frozenset[Dialect]] = frozenset({Dialect.OPENAI})
    signs: ClassVar[tuple[Sign, ...]] = (
        Sign(7, "/v1/models", _lists),
        Sign(8, "/models", _lists),
    )

    honours: ClassVar[Mapping[str, Honour]] = {
        "temperature": Honour(("temperature",), 0, 2),
        "top_p": Honour(("top_p",), 0, 1),
        "num_predict": Honour((LIMIT,), 1, LARGEST_COUNT, default_below=0),
        "seed": Honour(("seed",), most=LARGEST_SEED, strict=True, default_below=0),
        "stop": Honour(("stop",), many=4),
        "presence_penalty": Honour(("presence_penalty",), -2, 2),
        "frequency_penalty": Honour(("frequency_penalty",), -2, 2),
    }
    """OpenAI's own names and limits: a stranger may refuse any other.

    Ollama's -1 for "no limit" and "any seed" is said here by saying nothing.
    """
    at_start: ClassVar[Mapping[str, str]] = {}
    silent: ClassVar[bool] = False
    """Of a stranger nobody knows, and what it counts as read is not known either: some
    leave out what was in their cache."""

    keeps_connections: ClassVar[bool] = False
    """Whether a connection can carry another POST after a streamed reply.

    llama.cpp says that it can, and closes it all the same.
    """

    any_object: ClassVar[Mapping[str, Any]] = ANY_OBJECT
    """How it is asked for JSON of whatever shape."""
    switches_thinking: ClassVar[bool] = False
    """Whether it takes a word for its template, that the model shall or shall not think."""

    going_on: ClassVar[Mapping[str, object]] = {}
    """What makes it write on after a last message of the assistant (`Can.CONTINUE`)."""

    @classmethod
    def in_openai(cls) -> Mapping[str, Honour]:
        return cls.honours

    @classmethod
    def honours_for(cls, request: ChatRequest) -> Mapping[str, Honour]:
        return cls.honours

    async def list_models(self) -> list[ModelFacts]:
        with backend_errors(self.server):
            return [model_facts(entry) for entry in await self._entries()]

    async def _entries(self) -> list[dict[str, Any]]:
        response = await fetched(self.client, "/v1/models")
        if _elsewhere(response):
            other = await fetched(self.client, "/models")
            response = other if other.status_code not in NO_ROUTE else response
        entries = listed(response)
        if not response.is_success or entries is None:
            raise refusal(response)
        return entries

    async def describe(self, model: ModelFacts) -> ModelFacts:
        return model

    async def list_loaded(self) -> list[LoadedModel]:
        return []

    async def workload(self) -> Workload:
        return Workload()

    async def meters(self) -> Meters:
        return Meters()

    async def version(self) -> str:
        return ""

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        return relay(self.server, partial(self._ask, request), self._reader(request))

    def passed(self, request: Verbatim) -> AsyncGenerator[Chunk, None]:
        keep = self.keeps_connections
        return passed_on(self.client, self.server, request, keep=keep)

    def _reader(self, request: ChatRequest) -> ChatReader:
        return ChatReader()

    async def _ask(self, request: ChatRequest) -> httpx.Response:
        """Ask as for any server; again, without what this one says it does not take."""
        body, manners = self._body(request), manners_of(self.client)
        while True:
            asked = manners.applied(body)
            try:
                response = await self._post(asked)
            except httpx.HTTPStatusError as refused:
                manners = manners.taught_by(refused.response)
                if manners.applied(body) == asked:
                    raise
            else:
                keep_manners(self.client, manners)
                return response

    async def _post(self, body: dict[str, Any]) -> httpx.Response:
        keep = self.keeps_connections
        return await opened(self.client, CHAT, body, no_stream=NO_STREAM, keep=keep)

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        writes_on = Can.CONTINUE in self.can
        body = {
            **heed(request.parameters, self.honours).fields,
            "model": request.model,
            "messages": spoken(request, writes_on=writes_on),
            "stream": True,
            **thinking(request.think, switches=self.switches_thinking),
        }
        if request.tools:
            body["tools"] = [tool_of(each) for each in request.tools]
        if request.format:
            body["response_format"] = response_format(request.format, self.any_object)
        return {**body, **self.going_on} if request.go_on else body


def _elsewhere(response: httpx.Response) -> bool:
    """Some servers put no version before their paths, or answer all of them with a page."""
    missing = response.status_code in NO_ROUTE
    return missing or (response.is_success and listed(response) is None)
