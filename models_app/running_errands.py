"""Running errands: each order goes to its server, and its row is closed at the end.

A load may take minutes. All errands share one thread and wait side by side, apart from the
pulls: a few of these may hold every thread of the long queue for hours.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from django.db import Error
from django.utils import timezone

from dashboard.errors import BackendSilent, DashboardError, DatabaseAway, ModelGone
from dashboard.live.db import in_db
from models_app.adapters.adapter import Adapter
from models_app.closing import closed_at_last
from models_app.contact import in_contact
from models_app.models import Backend, Errand
from models_app.rounds import in_rounds
from models_app.services.errands import (
    beat,
    claim_due_errands,
    close_errand,
    give_back,
)

log = logging.getLogger(__name__)

LEAST_SECONDS = 60


def patience_with(server: Backend) -> int:
    """How many seconds a server may take: as long as a first token, for which it loads."""
    return max(server.first_token_seconds, LEAST_SECONDS)


@dataclass(frozen=True, slots=True)
class Times:
    """What is waited for, in seconds."""

    tick: float = 1.0
    """Between two beats, and until an errand that is no longer wanted here is left."""
    patience: Callable[[Backend], float] = patience_with


async def run_errands(
    working: Callable[[], bool] = lambda: True, times: Times | None = None
) -> None:
    """Run all errands that wait, and those that come meanwhile; each is closed.

    Once `working` says no, those under way are given back.
    """
    times = times or Times()
    run = partial(_run, working=working, times=times)
    await in_rounds(_due, run, go_on=working, tick=times.tick)


async def _due() -> list[Errand]:
    """None, while the database is away: those under way must still be closed."""
    try:
        return await in_db(claim_due_errands)(now=timezone.now())
    except (Error, DatabaseAway):
        log.exception("No errand can be taken just now.")
        return []


async def _run(errand: Errand, *, working: Callable[[], bool], times: Times) -> None:
    error: DashboardError | None = None
    try:
        if not await _followed(errand, working=working, times=times):
            return
    except DashboardError as failure:
        error = failure
    except Exception:
        log.exception("Errand %s failed.", errand.pk)
        error = DashboardError()
    close = partial(in_db(close_errand), errand, error)
    await closed_at_last(close, f"Errand {errand.pk}")


async def _followed(
    errand: Errand, *, working: Callable[[], bool], times: Times
) -> bool:
    """Whether the order was carried out; False for one that is left to others."""
    order = asyncio.ensure_future(_given(errand, times))
    try:
        while True:
            await asyncio.wait({order}, timeout=times.tick)
            if order.done():
                order.result()
                return True
            if not working():
                await in_db(give_back)(errand)
                return False
            if not await _is_ours(errand):
                return False
    finally:
        order.cancel()
        await asyncio.gather(order, return_exceptions=True)


async def _is_ours(errand: Errand) -> bool:
    """Beat; a database that is away ends no errand."""
    try:
        return await in_db(beat)(errand)
    except (Error, DatabaseAway):
        log.exception("Errand %s goes on unheard.", errand.pk)
        return True


async def _given(errand: Errand, times: Times) -> None:
    """Give the order, and wait until the server says that it is done."""
    server = errand.backend
    seconds = times.patience(server)
    try:
        async with asyncio.timeout(seconds), in_contact(server) as adapter:
            await _obeyed(adapter, errand)
    except TimeoutError as slow:
        raise BackendSilent(server=server.name, seconds=int(seconds)) from slow


async def _obeyed(adapter: Adapter, errand: Errand) -> None:
    match Errand.Action(errand.action):
        case Errand.Action.LOAD:
            await adapter.load(
                errand.name, window=errand.window, keep_alive=errand.keep_alive
            )
        case Errand.Action.UNLOAD:
            await adapter.unload(errand.name)
        case Errand.Action.COPY:
            await adapter.copy(errand.name, errand.new_name)
        case Errand.Action.DELETE:
            # A worker that died may have done it before it could say so.
            with suppress(ModelGone):
                await adapter.delete(errand.name)
