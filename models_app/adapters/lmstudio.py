"""LM Studio: its own API where there is one, OpenAI's dialect for all the rest.

Source: LM Studio's REST documentation, v1 (since 0.4.0) and v0; what is marked as seen in
the field is in no documentation.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, ClassVar

import httpx

from models_app.adapters.base import (
    Can,
    ChatRequest,
    Chunk,
    Honour,
    LoadedModel,
    ModelFacts,
)
from models_app.adapters.failures import backend_errors
from models_app.adapters.fetch import fetched
from models_app.adapters.lmstudio_body import (
    ANY_OBJECT,
    AS_OPENAI,
    LIMIT,
    NATIVE,
    fits_native,
    native_body,
)
from models_app.adapters.lmstudio_manage import LMStudioManagement, no_such_route
from models_app.adapters.lmstudio_models import Listed, listed_v0, listed_v1
from models_app.adapters.lmstudio_stream import NativeReader
from models_app.adapters.openai import OpenAIAdapter
from models_app.adapters.openai_models import model_facts
from models_app.adapters.openai_stream import ChatReader
from models_app.adapters.shapes import object_in
from models_app.adapters.signs import Sign, owners_in
from models_app.adapters.stream import opened, refusal, relay

NATIVE_CHAT = "/api/v1/chat"
NO_STREAM = ("application/json", "text/html")


def _lists_v1(response: httpx.Response) -> bool:
    error = object_in(response).get("error")
    if isinstance(error, dict) and error.get("code") == "invalid_api_key":
        return "LM Studio" in str(error.get("message"))
    return listed_v1(response) is not None


def _lists_v0(response: httpx.Response) -> bool:
    return bool(listed_v0(response))


def _owns(response: httpx.Response) -> bool:
    return "organization_owner" in owners_in(response)


class LMStudioAdapter(LMStudioManagement, OpenAIAdapter):
    """Its native chat knows no history: it is used for a question without one.

    There the server can load the model with the window that is asked for, and tells
    reasoning and reply apart.
    """

    kind = "lmstudio"
    label = "LM Studio"
    port = 1234
    can = OpenAIAdapter.can | LMStudioManagement.manages | {Can.LOADED}
    signs: ClassVar[tuple[Sign, ...]] = (
        Sign(1, "/", no_such_route),
        Sign(5, "/api/v1/models", _lists_v1),
        Sign(6, "/api/v0/models", _lists_v0),
        Sign(7, "/v1/models", _owns),
    )
    honours: ClassVar[Mapping[str, Honour]] = AS_OPENAI
    any_object: ClassVar[Mapping[str, Any]] = ANY_OBJECT
    silent: ClassVar[bool] = True
    at_start: ClassVar[Mapping[str, str]] = {
        "num_ctx": "context_length",
        "num_batch": "eval_batch_size",
        "num_gpu": "lms load --gpu",
    }

    @classmethod
    def honours_for(cls, request: ChatRequest) -> Mapping[str, Honour]:
        return NATIVE if fits_native(request) else cls.honours

    async def list_models(self) -> list[ModelFacts]:
        with backend_errors(self.server):
            return [each.facts for each in await self._listed()]

    async def list_loaded(self) -> list[LoadedModel]:
        with backend_errors(self.server):
            return [each.loaded for each in await self._listed() if each.loaded]

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        if not fits_native(request):
            return super().chat(request)
        return self._native_or_openai(request)

    def _reader(self, request: ChatRequest) -> ChatReader:
        return ChatReader(expects=request.model)

    async def _native_or_openai(
        self, request: ChatRequest
    ) -> AsyncGenerator[Chunk, None]:
        """Before 0.4 there is no native chat: the question goes the other way then."""
        try:
            with backend_errors(self.server):
                response = await self._ask_native(request)
        except _NoNativeChat:
            chunks = super().chat(request)
        else:
            reader = NativeReader(limit=native_body(request).get(LIMIT))
            chunks = relay(self.server, partial(_given, response), reader)
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk

    async def _ask_native(self, request: ChatRequest) -> httpx.Response:
        try:
            return await opened(
                self.client,
                NATIVE_CHAT,
                native_body(request),
                no_stream=NO_STREAM,
                keep=False,
            )
        except httpx.HTTPStatusError as refused:
            if self.lacks_route(refused.response):
                raise _NoNativeChat from refused
            raise

    async def _listed(self) -> list[Listed]:
        """By v1, else by v0, else by the list that all have and that says least."""
        for path, read in (
            ("/api/v1/models", listed_v1),
            ("/api/v0/models", listed_v0),
        ):
            response = await fetched(self.client, path)
            if (listed := read(response)) is not None:
                return listed
            if not self.lacks_route(response):
                raise refusal(response)
        return [Listed(model_facts(each)) for each in await self._entries()]


class _NoNativeChat(Exception):
    """This version answers the native route as one it does not know."""


async def _given(response: httpx.Response) -> httpx.Response:
    return response
