"""Managing the models of a llama.cpp router; a server of one model has no way to do it."""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, ClassVar

import httpx

from dashboard.errors import BackendError, BackendRefused, gettext_noop
from models_app.adapters.base import Can, Loading, PullStep
from models_app.adapters.failures import backend_errors
from models_app.adapters.fetch import fetched, reading
from models_app.adapters.llamacpp_download import (
    DOWNLOADING,
    LOADING,
    STOPPED,
    EventReader,
    is_same,
    status_of,
    steps_in,
)
from models_app.adapters.llamacpp_loading import LoadReader, share_in
from models_app.adapters.manageable import Manageable
from models_app.adapters.pull_failures import PullFailed, pull_errors
from models_app.adapters.shapes import entries_in, object_at, object_in
from models_app.adapters.steps import steps_of
from models_app.adapters.stream import in_our_words, listening

MODELS, EVENTS = "/models", "/models/sse"
ROUTER, UNLOADED = "router", "unloaded"
ALREADY = re.compile(r"already (running|exists?|downloaded|downloading)", re.IGNORECASE)
NOT_RUNNING = re.compile(r"is not running", re.IGNORECASE)


class RouterManagement(Manageable):
    """Downloads and loads go on in the router, whether anybody listens or not."""

    manages: ClassVar[frozenset[Can]] = frozenset(
        {Can.PULL, Can.CANCEL, Can.LOAD, Can.UNLOAD, Can.DELETE}
    )
    excuse: ClassVar[str] = gettext_noop(
        "this llama.cpp serves what it was started with; start a recent llama-server "
        "without a model, as a router, to manage its models from here"
    )
    excuses: ClassVar[Mapping[Can, str]] = {
        Can.WINDOW: gettext_noop(
            "llama.cpp takes the window from its command line or its preset file; "
            "leave it out"
        ),
        Can.KEEP: gettext_noop(
            "llama.cpp keeps a model until another one needs its place; leave out the time"
        ),
        Can.COPY: gettext_noop("llama.cpp knows each model by its file"),
        Can.CREATE: gettext_noop(
            "llama.cpp makes no models out of others; a preset does the same here"
        ),
        Can.MODELFILE: gettext_noop("llama.cpp knows no Modelfiles"),
        Can.SHAPE: gettext_noop("llama.cpp does not tell how a model is built"),
    }
    example: ClassVar[str] = "ggml-org/gemma-3-1b-it-GGUF:Q4_K_M"

    async def abilities(self) -> frozenset[Can]:
        with backend_errors(self.server):
            props = object_in(await fetched(self.client, "/props"))
        return self.can if props.get("role") == ROUTER else self.can - self.manages

    def pull(self, name: str, *, job: str = "") -> AsyncGenerator[PullStep, None]:
        return self._download(self.checked(name))

    async def cancel_pull(self, name: str) -> None:
        """Only what is being downloaded: the same order would unload a model."""
        with backend_errors(self.server):
            found = _downloads(name, await self._listed())
        for each in found:
            await self._unload(Can.CANCEL, each["id"])

    async def loading(self, model: str) -> AsyncGenerator[Loading, None]:
        """By its events; where it has none, by its list, which loads nothing either."""
        with backend_errors(self.server):
            try:
                events = await listening(self.client, EVENTS)
            except httpx.HTTPStatusError as refused:
                if not self.lacks_route(refused.response):
                    raise
                steps = self._load_polled(model)
            else:
                steps = _load_heard(model, events)
            async with aclosing(steps):
                async for step in steps:
                    yield step

    async def _load_polled(self, model: str) -> AsyncGenerator[Loading, None]:
        """The question that loads it may not have come there yet."""
        while True:
            entry = _entry_in(await fetched(self.client, MODELS), model)
            if status_of(entry) not in (UNLOADED, LOADING):
                return
            if status_of(entry) == LOADING:
                yield Loading(share=share_in(object_at(entry, "status")))
            await asyncio.sleep(self.pause)

    async def load(
        self, name: str, *, window: int | None = None, keep_alive: int | None = None
    ) -> None:
        self.check_load(window, keep_alive)
        try:
            path, body = f"{MODELS}/load", {"model": name}
            await self.order(Can.LOAD, "POST", path, json=body)
        except BackendRefused as refused:
            if not ALREADY.search(str(refused.facts["detail"])):
                raise
        with backend_errors(self.server):
            await self._until_loaded(name)

    async def unload(self, name: str) -> None:
        await self._unload(Can.UNLOAD, name)

    async def delete(self, name: str) -> None:
        await self.order(Can.DELETE, "DELETE", MODELS, params={"model": name})

    async def _unload(self, what: Can, name: str) -> None:
        try:
            await self.order(what, "POST", f"{MODELS}/unload", json={"model": name})
        except BackendRefused as refused:
            if not NOT_RUNNING.search(str(refused.facts["detail"])):
                raise

    async def _until_loaded(self, name: str) -> None:
        """It says yes at once, and fails later."""
        while entry := await self._entry(name):
            status = object_at(entry, "status")
            if status.get("failed"):
                detail = f"{name}: exit code {status.get('exit_code')}"
                raise BackendError(server=self.server, detail=detail)
            if status_of(entry) != LOADING:
                return
            await asyncio.sleep(self.pause)

    async def _download(self, name: str) -> AsyncGenerator[PullStep, None]:
        """Listen first, then ask: what was told before is not told again."""
        with pull_errors(self.server, name):
            async with aclosing(self._progress(name)) as steps:
                async for step in steps:
                    yield step

    async def _progress(self, name: str) -> AsyncGenerator[PullStep, None]:
        try:
            events = await listening(self.client, EVENTS)
        except httpx.HTTPStatusError as refused:
            if not self.lacks_route(refused.response):
                raise
            steps = self._polled(name)
        else:
            steps = self._heard(name, events)
        async with aclosing(steps):
            async for step in steps:
                yield step

    async def _heard(
        self, name: str, events: httpx.Response
    ) -> AsyncGenerator[PullStep, None]:
        async with aclosing(events):
            if await self._is_begun(name):
                steps = steps_of(partial(_given, events), EventReader(name))
                async with aclosing(steps):
                    async for step in steps:
                        yield step

    async def _polled(self, name: str) -> AsyncGenerator[PullStep, None]:
        """Builds without events tell the progress in their list."""
        if not await self._is_begun(name):
            return
        while downloads := _downloads(name, await self._listed()):
            for each in downloads:
                for step in steps_in(object_at(object_at(each, "status"), "progress")):
                    yield step
            await asyncio.sleep(self.pause)
        if not await self._entry(name):
            raise PullFailed(STOPPED)

    async def _is_begun(self, name: str) -> bool:
        """Have it download; False where the model is there already, and whole."""
        entries = await self._listed()
        if _downloads(name, entries):
            return True
        if any(each["id"] == name for each in entries):
            return False
        try:
            await self.asked(
                Can.PULL, "POST", MODELS, json={"model": name}, seconds=None
            )
        except httpx.HTTPStatusError as refused:
            if ALREADY.search(refused.response.text):
                return False
            raise
        return True

    async def _entry(self, name: str) -> dict[str, Any] | None:
        return next((e for e in await self._listed() if is_same(name, e["id"])), None)

    async def _listed(self) -> list[dict[str, Any]]:
        """Only a router's models have a status."""
        response = await self.asked(Can.PULL, "GET", MODELS)
        entries = entries_in(object_in(response).get("data"), "id", "status")
        if entries is None:
            raise self.cannot(Can.PULL)
        return entries


def _downloads(name: str, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        each
        for each in entries
        if is_same(name, each["id"]) and status_of(each) == DOWNLOADING
    ]


def _entry_in(response: httpx.Response, model: str) -> dict[str, Any]:
    """What a router says of a model; nothing where it is none, or does not have it."""
    entries = entries_in(object_in(response).get("data"), "id", "status") or []
    return next((each for each in entries if each["id"] == model), {})


async def _load_heard(
    model: str, events: httpx.Response
) -> AsyncGenerator[Loading, None]:
    async with aclosing(events):
        reader, read = LoadReader(model), reading(events)
        while not reader.finished:
            for step in in_our_words(reader.feed(await read())):
                yield step


async def _given(response: httpx.Response) -> httpx.Response:
    return response
