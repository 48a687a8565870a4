"""The end of a generation: its place is free at once, and its row is written once."""

import asyncio
import logging

from django.utils import timezone

from dashboard.errors import DatabaseAway
from dashboard.live.background import in_background
from dashboard.live.bus import publish
from dashboard.live.db import in_db
from dashboard.live.events import ServingChanged
from models_app.ledger.entries import entry_from_facts, write_entry
from models_app.serving.news import serving_changed
from models_app.serving.record import Record
from models_app.serving.slots.place import Place
from models_app.serving.slots.reading import forget_lost, lost_tickets
from models_app.serving.slots.wishes import Facts

log = logging.getLogger(__name__)


_under_way: set[asyncio.Task[None]] = set()


def settle_soon(place: Place, record: Record) -> None:
    """Settle apart: nobody waits for it, and a reader who is cancelled cuts it not short."""
    task = in_background(settle(place, record))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def all_settled() -> None:
    """Wait for what this loop is settling."""
    here = asyncio.get_running_loop()
    if tasks := [each for each in _under_way if each.get_loop() is here]:
        await asyncio.wait(tasks)


async def settle(place: Place, record: Record) -> None:
    """Give the place back, then write the row. A process that dies in between, or cannot
    reach the database, has left it to `write_lost`."""
    facts = record.facts()
    await place.leave(facts)
    serving_changed()
    try:
        await in_db(_write)(record.ticket, facts)
    except DatabaseAway:
        log.warning("Generation %s is written later.", record.ticket)


def write_lost() -> int:
    """Write what nobody has written: how many generations that were; none while Redis is
    away."""
    lost = lost_tickets()
    for each in lost:
        _write(each.ticket, each.facts)
    if lost:
        publish(ServingChanged())
    return len(lost)


def _write(ticket: str, facts: Facts) -> None:
    write_entry(entry_from_facts(ticket, facts, seen_at=timezone.now()))
    # While Redis is away it is written once more later, which changes nothing.
    forget_lost([ticket])
