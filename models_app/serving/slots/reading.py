"""The line and the places as pages and sweepers see them, from sync code.

All of these raise `RedisError` or `OSError` while Redis is away.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dashboard.live.bus import link
from models_app.serving.slots.keeper import NOBODY, PREFIX, SCRIPT
from models_app.serving.slots.wishes import Facts


@dataclass(frozen=True, slots=True)
class TicketNow:
    """One who waits, or has a place at `backend`."""

    ticket: str
    person: int
    rank: int
    backend: int | None
    facts: Facts


@dataclass(frozen=True, slots=True)
class Lost:
    """A generation that is over, and that nobody has written into the ledger."""

    ticket: str
    facts: Facts


def tickets_now() -> list[TicketNow]:
    """Everybody, in the order in which they came."""
    kept = [json.loads(text) for text in link().hgetall(f"{PREFIX}tickets").values()]
    return [_ticket(each) for each in sorted(kept, key=lambda each: each["n"])]


def stop_ticket(ticket: str, *, by: int) -> bool:
    """Have its process end it, for an administrator; False where it is over."""
    return bool(_run("call", ticket, by))


def lost_tickets() -> list[Lost]:
    """What processes left that died, once their leases have run out."""
    _run("look")
    kept: dict[Any, Any] = link().hgetall(f"{PREFIX}lost")
    lost = [(name.decode(), json.loads(text)) for name, text in kept.items()]
    now = time.time()
    return [
        Lost(name, json.loads(each["f"])) for name, each in lost if each["due"] <= now
    ]


def forget_lost(tickets: Iterable[str]) -> None:
    """They are in the ledger."""
    if names := list(tickets):
        link().hdel(f"{PREFIX}lost", *names)


def _ticket(kept: dict[str, Any]) -> TicketNow:
    backend = kept["b"]
    return TicketNow(
        ticket=kept["t"],
        person=kept["p"],
        rank=kept["r"],
        backend=None if backend == NOBODY else backend,
        facts=json.loads(kept["f"]),
    )


def _run(operation: str, *words: str | float) -> Any:
    script = link().register_script(SCRIPT)
    return script(keys=[PREFIX], args=[operation, "", *words])
