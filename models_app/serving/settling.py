"""The end of a generation: its place is free at once, and its row is written once."""

import logging
import time
from collections.abc import Iterable

from redis.exceptions import RedisError

from dashboard.errors import DatabaseAway
from dashboard.live.db import in_db
from models_app.ledger.entries import Entry, entry_from_facts, write_entry
from models_app.serving.record import Record
from models_app.serving.slots.door import Place
from models_app.serving.slots.reading import Lost, forget_lost, lost_tickets
from models_app.serving.slots.wishes import Facts

log = logging.getLogger(__name__)


async def settle(place: Place, record: Record) -> None:
    """Give the place back, then write the row; a process that dies in between, or cannot
    reach the database, has left it to `write_lost`."""
    facts = record.facts()
    await place.leave(facts)
    try:
        await in_db(_write)(record.ticket, facts)
    except DatabaseAway:
        log.warning("Generation %s is written later.", record.ticket)


def write_lost() -> int:
    """Write what dead processes left; how many rows that were. Nothing while Redis is
    away."""
    try:
        lost = lost_tickets()
        for each in lost:
            _keep(each.ticket, each.facts)
        forget_lost(each.ticket for each in lost)
    except (RedisError, OSError) as failure:
        log.warning("Nobody can say which generations were lost: %s", failure)
        return 0
    return len(lost)
