"""The end of a generation: its place is free at once, and its row is written once.

What ends shortly after another is written together with all that does: of many short
generations a transaction each would cost more than all the rest.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final
from weakref import WeakKeyDictionary

from django.utils import timezone

from dashboard.errors import DatabaseAway
from dashboard.live.background import in_background
from dashboard.live.bus import publish
from dashboard.live.db import in_db
from dashboard.live.events import ServingChanged
from models_app.ledger.entries import entry_from_facts, write_entries
from models_app.serving.news import serving_changed
from models_app.serving.record import Record
from models_app.serving.slots.place import Place
from models_app.serving.slots.reading import forget_lost, lost_tickets
from models_app.serving.slots.wishes import Facts

log = logging.getLogger(__name__)


LOT: Final = 0.05
"""Seconds in which what ends is written in one lot."""


class Pen:
    """Writes the rows of one event loop: at once, and where much ends lot by lot."""

    def __init__(self) -> None:
        self._ended: dict[str, Facts] = {}
        self._one_by_one = asyncio.Lock()
        self._next = 0.0

    async def write(self, ticket: str, facts: Facts) -> None:
        """Come back when the row is written; or `DatabaseAway`, to one of a lot."""
        self._ended[ticket] = facts
        async with self._one_by_one:
            if ticket in self._ended:
                loop = asyncio.get_running_loop()
                await asyncio.sleep(self._next - loop.time())
                self._next = loop.time() + LOT
                ended, self._ended = self._ended, {}
                await in_db(_write)(ended)


_pens: WeakKeyDictionary[asyncio.AbstractEventLoop, Pen] = WeakKeyDictionary()
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
    pen = _pens.setdefault(asyncio.get_running_loop(), Pen())
    try:
        await pen.write(record.ticket, facts)
    except DatabaseAway:
        log.warning("Generation %s is written later.", record.ticket)


def write_lost() -> int:
    """Write what nobody has written: how many generations that were; none while Redis is
    away."""
    lost = lost_tickets()
    if lost:
        _write({each.ticket: each.facts for each in lost})
        publish(ServingChanged())
    return len(lost)


def _write(ended: Mapping[str, Facts]) -> None:
    now = timezone.now()
    write_entries(
        [
            entry_from_facts(ticket, facts, seen_at=now)
            for ticket, facts in ended.items()
        ]
    )
    # While Redis is away they are written once more later, which changes nothing.
    forget_lost(ended)
