"""Who waits and who is served, for pages and sweepers: sync, by the bus's own link."""

import logging
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import redis
from redis.commands.core import Script

from dashboard.live.bus import link
from models_app.serving.slots.keeper import (
    PREFIX,
    SCRIPT,
    asked,
    read_lost,
    read_ticket,
    read_waiting,
)
from models_app.serving.slots.wishes import Lost, TicketNow, Waiting

log = logging.getLogger(__name__)


def tickets_now() -> list[TicketNow]:
    """All that run, and then all that wait, in their order; nobody while Redis is away."""
    return [read_ticket(each) for each in _asked("everybody", [])]


def queue_now() -> list[Waiting]:
    """All that wait, in their order, and for which servers; nobody while Redis is away."""
    return [read_waiting(each) for each in _asked("queue", [])]


def stop_ticket(ticket: str, *, by: int) -> bool:
    """Call a ticket to its end, wherever it runs or waits; False where there is none."""
    return bool(_asked("stop", {"ticket": ticket, "by": by}))


def lost_tickets() -> list[Lost]:
    """Those whose process stopped renewing them, or left and wrote nothing, until they are
    forgotten."""
    return [read_lost(each) for each in _asked("lost", [])]


def forget_lost(tickets: Iterable[str]) -> None:
    """They were written down."""
    _asked("forget", list(tickets))


def _asked(act: str, body: object) -> Any:
    """What the script answers; nothing, with a line in the log, while Redis is away."""
    script = _script(link())
    try:
        return [_text(each) for each in script(keys=[PREFIX], args=asked(act, body))]
    except (redis.RedisError, OSError) as failure:
        log.warning("The queue was not asked (%s): %s", act, failure)
        return []


@lru_cache(maxsize=1)
def _script(of: redis.Redis) -> Script:
    """Known to the link: to name it is to read all of it."""
    return of.register_script(SCRIPT)


def _text(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_text(each) for each in answer]
    return answer.decode() if isinstance(answer, bytes) else answer
