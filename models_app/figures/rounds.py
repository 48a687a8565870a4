"""Asking the servers that have meters for what these show, side by side."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from django.db import Error

from dashboard.errors import DashboardError, DatabaseAway
from dashboard.live.db import in_db
from models_app.adapters.base import Meters
from models_app.contact import in_contact
from models_app.figures.keeping import claim_metered, note_meters, note_silence
from models_app.models import Backend
from models_app.rounds import in_rounds
from models_app.serving.pace import streamed_by
from models_app.serving.slots.reading import tickets_now
from models_app.serving.slots.wishes import TicketNow

SECONDS: Final = 4.0
"""For all that one server is asked; a router of several models is asked for each."""

_under_way: set[int] = set()


async def read_meters(go_on: Callable[[], bool] = lambda: True) -> None:
    """Ask all servers that are due; while some are slow, the others again when it is time.

    None is asked twice at once, and one that sleeps is not woken.
    """
    await in_rounds(_due, _read, go_on=go_on)


async def _due() -> list[Backend]:
    """The servers that are due, less those that are still being asked."""
    try:
        due = await in_db(claim_metered)(now=time.time())
    except (Error, DatabaseAway):
        return []
    return [each for each in due if each.pk not in _under_way]


async def _read(backend: Backend) -> None:
    _under_way.add(backend.pk)
    try:
        before = await in_db(tickets_now)()
        async with asyncio.timeout(SECONDS), in_contact(backend) as adapter:
            meters = await adapter.meters()
    except (DashboardError, TimeoutError):
        await in_db(note_silence)(backend.pk, now=time.time())
    else:
        if meters.running is None:
            # A look may have counted its slots, which the meters do not.
            meters = replace(meters, running=backend.running)
        await in_db(_note)(backend.pk, meters, before)
    finally:
        _under_way.discard(backend.pk)


def _note(pk: int, meters: Meters, before: Iterable[TicketNow]) -> None:
    """With the tickets that ran there before it was asked, or still do."""
    now = time.time()
    tickets = {each.ticket: each for each in (*before, *tickets_now())}
    streamed = streamed_by(tickets.values(), pk, now=now)
    note_meters(pk, meters, now=now, streamed=streamed)
