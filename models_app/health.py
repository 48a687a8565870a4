"""Looking at model servers: how they are, and which ones run on this machine.

A look never generates and never loads a model; what it finds stands in the database, so
that no page waits for a server.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import httpx
from django.db import Error
from django.utils import timezone

from dashboard.errors import (
    BackendBroken,
    BackendBusy,
    BackendError,
    BackendLocked,
    BackendRefused,
    BackendUnreachable,
    DashboardError,
    DatabaseAway,
)
from dashboard.live.db import in_db
from models_app.adapters import REGISTRY, adapter_for
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import Can, ModelFacts
from models_app.adapters.client import open_client
from models_app.adapters.detect import examine, failure_in
from models_app.adapters.failures import Trouble
from models_app.models import Backend
from models_app.rounds import in_rounds
from models_app.sealing import unseal
from models_app.services.backends import (
    Look,
    claim_due_backends,
    note_failure,
    note_look,
)
from models_app.services.found_servers import note_found, note_gone, unknown_ports
from models_app.services.language_models import known_facts
from models_app.services.measurements import (
    marks_without_shape,
    measure_loads,
)

T = TypeVar("T")

log = logging.getLogger(__name__)

LOCAL_PORTS = tuple(each.port for each in REGISTRY if each.port)
LOOK_SECONDS = 8.0
"""For the list of models, which decides whether a server is well."""
EXTRA_SECONDS, DESCRIBE_SECONDS = 2.0, 5.0
"""For each question beside it, and for those about single models together."""
DETECT_EVERY = 20
"""Of so many looks that a server refuses in a row, one asks what it is by now."""
ABILITIES = timedelta(minutes=10)
"""How long it is taken for known what a server can, as long as it answers."""
STRANGER_SECONDS = 600.0
"""How long a program on a usual port that is no model server is not asked again."""

_strangers: dict[int, float] = {}


async def look_at_due(go_on: Callable[[], bool] = lambda: True) -> None:
    """Look at all servers that are due; while some are slow, at those that come due.

    So one slow server delays no other, and takes no second thread of the worker.
    """
    await in_rounds(_due, refresh, go_on=go_on)


async def _due() -> list[Backend]:
    """Nobody, while the database is away: the looks under way must still be noted."""
    try:
        return await in_db(claim_due_backends)()
    except (Error, DatabaseAway):
        log.exception("Nobody can be looked at just now.")
        return []


async def refresh(backend: Backend) -> None:
    """Ask one server how it is and note what it said, or why it did not."""
    try:
        look = await look_at(backend)
    except DashboardError as failure:
        await in_db(note_failure)(backend, failure)
    else:
        await in_db(note_look)(backend, look)
        # Apart: what a model takes must never stand in the way of how its server is.
        await in_db(measure_loads)(backend.pk)


async def look_at(backend: Backend) -> Look:
    """What a server tells of itself; a `BackendError` or `KeyUnreadable` if it does not.

    Its list decides whether it is well; what it tells beside that may be missing.
    """
    key = unseal(backend.sealed_key, server=backend.name)
    async with open_client(backend.base_url, key=key) as client:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                adapter, models = await _listed(backend, client, key)
        except TimeoutError as slow:
            raise BackendUnreachable(server=backend.name, detail=Trouble.SLOW) from slow
        described, shapes, loaded, workload, version, abilities = await asyncio.gather(
            _described(adapter, models, backend),
            _shapes(adapter, models),
            _told(adapter, Can.LOADED, adapter.list_loaded),
            _told(adapter, Can.WORKLOAD, adapter.workload),
            _told(adapter, Can.VERSION, adapter.version),
            _abilities(adapter, backend),
        )
    return Look(
        kind=adapter.kind,
        models=described,
        loaded=loaded,
        workload=workload,
        version=version or "",
        abilities=abilities,
        shapes=shapes,
    )


async def _listed(
    backend: Backend, client: httpx.AsyncClient, key: str
) -> tuple[Adapter, list[ModelFacts]]:
    """The models, by the kind it is known as; where that fails, by the kind it is now."""
    if not backend.kind:
        return await _found_out(backend, client, key)
    adapter = adapter_for(backend.kind, client, server=backend.name)
    try:
        return adapter, await adapter.list_models()
    except (BackendRefused, BackendBroken) as refused:
        if not _may_be_another(backend, refused):
            raise
        try:
            return await _found_out(backend, client, key)
        except BackendError:
            raise refused from None


def _may_be_another(backend: Backend, refused: BackendError) -> bool:
    """Whether a server that refuses should be asked what it is; not at every look.

    A kind that was set by hand stays, whatever the server looks like.
    """
    alike = isinstance(refused, BackendBusy | BackendLocked)
    return not (backend.kind_by_hand or alike or backend.failures % DETECT_EVERY)


async def _found_out(
    backend: Backend, client: httpx.AsyncClient, key: str
) -> tuple[Adapter, list[ModelFacts]]:
    report = await examine(backend.base_url, key=key)
    if not report.kind:
        raise failure_in(report, server=backend.name)
    adapter = adapter_for(report.kind, client, server=backend.name)
    return adapter, await adapter.list_models()


async def _described(
    adapter: Adapter, models: list[ModelFacts], backend: Backend
) -> list[ModelFacts]:
    """The models with what only a question about each brings; asked once for each mark, and
    anew when the server was away: it may be a newer one, or be started otherwise.

    One that has no mark is not loaded, and would not answer.
    """
    if Can.DESCRIBE not in adapter.can or not any(map(_vague, models)):
        return models
    known = await in_db(known_facts)(backend.pk)
    end = time.monotonic() + DESCRIBE_SECONDS
    described = []
    for model in models:
        before = known.get(model.name)
        if not _vague(model):
            described.append(model)
        elif backend.up and before and before.mark == model.mark:
            described.append(_completed(model, before))
        elif model.mark and time.monotonic() < end:
            described.append(await _described_one(adapter, model, before))
        else:
            described.append(replace(_completed(model, before), mark=""))
    return described


async def _shapes(
    adapter: Adapter, models: list[ModelFacts]
) -> dict[str, Mapping[str, Any]]:
    """The shape of one model that is not known yet; a look is no time for all of them."""
    if Can.SHAPE not in adapter.can:
        return {}
    names = {each.mark: each.name for each in models if each.mark}
    unknown = await in_db(marks_without_shape)(names)
    if not unknown:
        return {}
    # Any of them: one that is not told must not keep the others waiting.
    mark = random.choice(unknown)  # noqa: S311 # no secret
    told = await _answered(lambda: adapter.shape(names[mark]))
    return {} if told is None else {mark: told}


async def _described_one(
    adapter: Adapter, model: ModelFacts, before: ModelFacts | None
) -> ModelFacts:
    """As before and without a mark where it failed, so that the next look asks again."""
    try:
        async with asyncio.timeout(EXTRA_SECONDS):
            return await adapter.describe(model)
    except (BackendError, TimeoutError):
        return replace(_completed(model, before), mark="")


def _vague(model: ModelFacts) -> bool:
    """Whether it is not even told if it chats."""
    return not model.capabilities & {"completion", "embedding"}


def _completed(model: ModelFacts, before: ModelFacts | None) -> ModelFacts:
    if before is None:
        return model
    return replace(
        model,
        context=model.context or before.context,
        capabilities=model.capabilities | before.capabilities,
    )


async def _told(
    adapter: Adapter, what: Can, ask: Callable[[], Awaitable[T]]
) -> T | None:
    """What a kind tells of itself; None where it does not, or would not just now."""
    return await _answered(ask) if what in adapter.can else None


async def _abilities(adapter: Adapter, backend: Backend) -> frozenset[Can] | None:
    """What this very server can; None where that is known already.

    It changes only when a server is started anew, or turns out to be of another kind.
    """
    at, same = backend.abilities_at, backend.kind == adapter.kind and backend.up
    if same and at and timezone.now() - at < ABILITIES:
        return None
    return await _answered(adapter.abilities)


async def _answered(ask: Callable[[], Awaitable[T]]) -> T | None:
    try:
        async with asyncio.timeout(EXTRA_SECONDS):
            return await ask()
    except (BackendError, TimeoutError):
        return None


async def look_for_servers(ports: tuple[int, ...] = LOCAL_PORTS) -> None:
    """Offer the servers that answer on this machine's usual ports.

    A program that turns out to be something else is left in peace for a while: each
    question may be a line in its log.
    """
    unknown = await in_db(unknown_ports)(ports)
    await asyncio.gather(
        *(_look_for(port, known=port not in unknown) for port in ports)
    )


async def _look_for(port: int, *, known: bool) -> None:
    if _strangers.get(port, 0) > time.monotonic():
        return
    base_url = f"http://127.0.0.1:{port}"
    report = None if known else await examine(base_url)
    if report and report.kind:
        await in_db(note_found)(base_url, report.kind)
        return
    await in_db(note_gone)(base_url)
    if report and report.answered:
        _strangers[port] = time.monotonic() + STRANGER_SECONDS
