"""Wishes as tests make them, and a keeper that is asked from sync code."""

from collections.abc import Mapping, Sequence
from typing import Any

import redis

from models_app.serving.slots.keeper import (
    SCRIPT,
    asked,
    read_lost,
    read_state,
    read_ticket,
    read_waiting,
    written,
    written_left,
)
from models_app.serving.slots.wishes import (
    Candidate,
    Facts,
    Held,
    Lost,
    State,
    TicketNow,
    Waiting,
    Wish,
)


def at(*backends: int, room: int = 1) -> tuple[Candidate, ...]:
    """These servers, each with so much room."""
    return tuple(Candidate(each, room) for each in backends)


def wish(
    ticket: str,
    person: int = 1,
    *,
    rank: int = 0,
    to: tuple[Candidate, ...] = at(1),
    most: int | None = None,
) -> Wish:
    return Wish(ticket, person, rank, to, {"model": "qwen"}, most)


def held(
    ticket: str,
    person: int = 1,
    *,
    rank: int = 0,
    to: tuple[Candidate, ...] = at(1),
    most: int | None = None,
) -> Held:
    return Held(wish(ticket, person, rank=rank, to=to, most=most), owner="a process")


class Script:
    """`slots.lua` in a real Valkey, with the methods of `Turns`."""

    def __init__(self, link: redis.Redis, prefix: str) -> None:
        self.link, self.prefix = link, prefix
        self.script = link.register_script(SCRIPT)

    def act(self, act: str, helds: Sequence[Held], *, now: float) -> list[State]:
        told = self._ask(act, [written(each) for each in helds], now)
        return [read_state(each) for each in told]

    def leave(self, left: Mapping[str, Facts | None], *, now: float) -> None:
        self._ask("leave", written_left(left), now)

    def stop(self, ticket: str, *, by: int, now: float) -> bool:
        return bool(self._ask("stop", {"ticket": ticket, "by": by}, now))

    def queue(self, *, now: float) -> list[Waiting]:
        return [read_waiting(each) for each in self._ask("queue", [], now)]

    def everybody(self, *, now: float) -> list[TicketNow]:
        return [read_ticket(each) for each in self._ask("everybody", [], now)]

    def lost(self, *, now: float) -> list[Lost]:
        return [read_lost(each) for each in self._ask("lost", [], now)]

    def forget(self, tickets: Sequence[str], *, now: float) -> None:
        self._ask("forget", list(tickets), now)

    def kept(self) -> set[str]:
        """The names of all keys."""
        return {
            str(each).removeprefix(self.prefix)
            for each in self.link.scan_iter(f"{self.prefix}*")
        }

    def _ask(self, act: str, body: object, now: float) -> Any:
        return self.script(keys=[self.prefix], args=asked(act, body, now))
