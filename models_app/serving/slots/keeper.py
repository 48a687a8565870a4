"""Where tickets are kept: in Redis, for all processes, or in this one while it is away."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Protocol

from redis.asyncio import Redis

from models_app.serving.slots.turns import Turns
from models_app.serving.slots.wishes import Candidate, Facts, Standing, Wish

PREFIX: Final = "paddock:door:"
NEWS: Final = f"{PREFIX}news"
SCRIPT: Final = files("models_app.serving.slots").joinpath("turns.lua").read_text()
LEASE: Final = 10.0
"""Seconds for which a ticket is good when its process is not heard of again."""
NOBODY: Final = -1

Held = tuple[Wish, int | None]
"""A wish, and the backend at which it has a place."""


@dataclass(frozen=True, slots=True)
class Told:
    """How it stands with a ticket: `standing` is None once it has a place at `backend`.

    `called` is None, 0 where work gives way, or the number of who ended it.
    """

    ticket: str
    backend: int | None
    called: int | None
    standing: Standing | None


class Keeper(Protocol):
    """What keeps tickets; see `Turns` for what each of these promises."""

    async def tend(self, held: Sequence[Held]) -> list[Told]: ...

    async def leave(self, ticket: str, facts: Facts | None) -> None: ...

    async def pass_over(
        self, ticket: str, candidates: tuple[Candidate, ...]
    ) -> list[Told]: ...


class RedisKeeper:
    """For all processes; each call is one round trip. Raises `RedisError` or `OSError`.

    `now` stands in for Redis' own clock.
    """

    def __init__(self, link: "Redis", *, now: float | None = None) -> None:
        self.now = now
        self._script = link.register_script(SCRIPT)

    async def tend(self, held: Sequence[Held]) -> list[Told]:
        wishes = [wish_text(wish, backend) for wish, backend in held]
        return _told(await self._run("tend", LEASE, *wishes))

    async def leave(self, ticket: str, facts: Facts | None) -> None:
        """With facts, they are kept for the ledger, should this process not write them."""
        await self._run("leave", ticket, json.dumps(facts) if facts else "", LEASE)

    async def pass_over(
        self, ticket: str, candidates: tuple[Candidate, ...]
    ) -> list[Told]:
        return _told(await self._run("pass", ticket, json.dumps(_rows(candidates))))

    async def _run(self, operation: str, *words: str | float) -> Any:
        now = "" if self.now is None else self.now
        return await self._script(keys=[PREFIX], args=[operation, now, *words])


class OwnKeeper:
    """For this process alone, while Redis is away: nobody's lease ends here."""

    def __init__(self) -> None:
        self.turns = Turns()

    async def tend(self, held: Sequence[Held]) -> list[Told]:
        self.turns.tend(held, now=time.monotonic(), seconds=float("inf"))
        return [each for wish, _ in held if (each := self._told(wish.ticket))]

    async def leave(self, ticket: str, facts: Facts | None) -> None:
        self.turns.leave(ticket, now=time.monotonic())

    async def pass_over(
        self, ticket: str, candidates: tuple[Candidate, ...]
    ) -> list[Told]:
        self.turns.pass_over(ticket, candidates, now=time.monotonic())
        told = self._told(ticket)
        return [told] if told else []

    def _told(self, ticket: str) -> Told | None:
        known = self.turns.tickets.get(ticket)
        if known is None:
            return None
        waits = known.backend is None
        standing = self.turns.standing(ticket) if waits else None
        return Told(ticket, known.backend, known.called, standing)


def wish_text(wish: Wish, backend: int | None) -> str:
    """A wish as the script takes it."""
    return json.dumps(
        {
            "t": wish.ticket,
            "p": wish.person,
            "r": wish.rank,
            "c": _rows(wish.candidates),
            "b": NOBODY if backend is None else backend,
            "f": json.dumps(dict(wish.facts)),
        }
    )


def _rows(candidates: tuple[Candidate, ...]) -> list[list[int]]:
    return [[each.backend, each.room, each.tier, each.weight] for each in candidates]


def _told(answer: list[list[Any]]) -> list[Told]:
    return [
        Told(
            ticket=name.decode(),
            backend=None if backend == NOBODY else backend,
            called=None if called == NOBODY else called,
            standing=Standing(position, people) if backend == NOBODY else None,
        )
        for name, backend, called, position, people in answer
    ]
