"""Looking at model servers: how they are, and which ones run on this machine.

A look never generates and never loads a model; what it finds stands in the database, so
that no page waits for a server.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import httpx

from dashboard.errors import (
    BackendBroken,
    BackendError,
    BackendRefused,
    BackendUnreachable,
    DashboardError,
)
from dashboard.live.db import in_db
from models_app.adapters import REGISTRY, adapter_for
from models_app.adapters.base import Adapter, Can, ModelFacts
from models_app.adapters.client import open_client
from models_app.adapters.detect import examine, failure_in
from models_app.adapters.failures import Trouble
from models_app.models import Backend
from models_app.sealing import unseal
from models_app.services.backends import (
    Look,
    claim_due_backends,
    note_failure,
    note_look,
)
from models_app.services.found_servers import note_found, note_gone, unknown_ports
from models_app.services.language_models import known_facts

T = TypeVar("T")

log = logging.getLogger(__name__)

LOCAL_PORTS = tuple(each.port for each in REGISTRY if each.port)
LOOK_SECONDS = 8.0
"""For all the questions of one look."""
TICK = 1.0
"""Seconds after which a round of looks sees who else has come due."""
MOST_DESCRIBED = 20
"""Models that one look asks about; the next look asks about the next."""


STRANGER_SECONDS = 600.0
"""How long a program on a usual port that is no model server is not asked again."""

_strangers: dict[int, float] = {}


async def look_at_due(go_on: Callable[[], bool] = lambda: True) -> None:
    """Look at all servers that are due; while some are slow, at those that come due.

    So one slow server delays no other, and takes no second thread of the worker.
    """
    looks: set[asyncio.Task[None]] = set()
    while True:
        due = await in_db(claim_due_backends)() if go_on() else []
        looks |= {asyncio.create_task(refresh(each)) for each in due}
        if not looks:
            return
        done, looks = await asyncio.wait(looks, timeout=TICK)
        for each in done:
            if failure := each.exception():
                log.error("A server could not be looked at.", exc_info=failure)
        if not looks:
            return


async def refresh(backend: Backend) -> None:
    """Ask one server how it is and note what it said, or why it did not."""
    try:
        look = await look_at(backend)
    except DashboardError as failure:
        await in_db(note_failure)(backend.pk, failure)
    else:
        await in_db(note_look)(backend.pk, look)


async def look_at(backend: Backend) -> Look:
    """What a server tells of itself; a `BackendError` or `KeyUnreadable` if it does not."""
    key = unseal(backend.sealed_key, server=backend.name)
    try:
        async with (
            asyncio.timeout(LOOK_SECONDS),
            open_client(backend.base_url, key=key) as client,
        ):
            adapter, models = await _listed(backend, client, key)
            return Look(
                kind=adapter.kind,
                models=await _described(adapter, models, backend.pk),
                loaded=await _told(adapter, Can.LOADED, adapter.list_loaded),
                workload=await _told(adapter, Can.WORKLOAD, adapter.workload),
                version=await _told(adapter, Can.VERSION, adapter.version) or "",
            )
    except TimeoutError as slow:
        raise BackendUnreachable(server=backend.name, detail=Trouble.SLOW) from slow


async def _listed(
    backend: Backend, client: httpx.AsyncClient, key: str
) -> tuple[Adapter, list[ModelFacts]]:
    """The models, by the kind it is known as; where that fails, by the kind it is now.

    A kind that was set by hand stays, whatever the server looks like.
    """
    if backend.kind:
        adapter = adapter_for(backend.kind, client, server=backend.name)
        try:
            return adapter, await adapter.list_models()
        except (BackendRefused, BackendBroken):
            if backend.kind_by_hand:
                raise
    report = await examine(backend.base_url, key=key)
    if not report.kind:
        raise failure_in(report, server=backend.name)
    adapter = adapter_for(report.kind, client, server=backend.name)
    return adapter, await adapter.list_models()


async def _described(
    adapter: Adapter, models: list[ModelFacts], backend: int
) -> list[ModelFacts]:
    """The models with what only a question about each brings; asked once for each mark."""
    if Can.DESCRIBE not in adapter.can or not any(map(_vague, models)):
        return models
    known = await in_db(known_facts)(backend)
    asked, described = 0, []
    for model in models:
        before = known.get(model.name)
        if (
            _vague(model)
            and before
            and before.mark == model.mark
            and not _vague(before)
        ):
            described.append(_completed(model, before))
        elif _vague(model) and asked < MOST_DESCRIBED:
            asked += 1
            described.append(await _described_one(adapter, model))
        else:
            described.append(model)
    return described


async def _described_one(adapter: Adapter, model: ModelFacts) -> ModelFacts:
    try:
        return await adapter.describe(model)
    except BackendError:
        return model


def _vague(model: ModelFacts) -> bool:
    """Whether it is not even told if it chats."""
    return not model.capabilities & {"completion", "embedding"}


def _completed(model: ModelFacts, before: ModelFacts) -> ModelFacts:
    return replace(
        model,
        context=model.context or before.context,
        capabilities=model.capabilities | before.capabilities,
    )


async def _told(
    adapter: Adapter, what: Can, ask: Callable[[], Awaitable[T]]
) -> T | None:
    """What a kind tells of itself; None where it does not, or would not just now."""
    if what not in adapter.can:
        return None
    try:
        return await ask()
    except BackendError:
        return None


async def look_for_servers(ports: tuple[int, ...] = LOCAL_PORTS) -> None:
    """Offer the servers that answer on this machine's usual ports.

    A program that turns out to be something else is left in peace for a while: each
    question may be a line in its log.
    """
    now = time.monotonic()
    unknown = await in_db(unknown_ports)(ports)
    for port in ports:
        if _strangers.get(port, 0) > now:
            continue
        base_url = f"http://127.0.0.1:{port}"
        report = await examine(base_url) if port in unknown else None
        if report and report.kind:
            await in_db(note_found)(base_url, report.kind)
            continue
        await in_db(note_gone)(base_url)
        if report and report.answered:
            _strangers[port] = now + STRANGER_SECONDS
