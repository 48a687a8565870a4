"""The turns as Redis keeps them: what is sent to `slots.lua`, and what it answers."""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

import redis
import redis.asyncio

from models_app.serving.slots.moment import Moment
from models_app.serving.slots.turns import Act
from models_app.serving.slots.wishes import (
    Call,
    Called,
    Candidate,
    Facts,
    Held,
    Lost,
    State,
    TicketNow,
    Waiting,
)

PREFIX: Final = "paddock:{slots}:"
"""Before all keys; the braces keep them in one place in a Redis cluster."""
SCRIPT: Final = files(__package__).joinpath("slots.lua").read_text()
PATIENCE: Final = 0.3
"""Seconds that an asker waits for a Redis that does not answer."""
AWAY: Final = (redis.RedisError, OSError)
"""What is raised then, and while Redis is away."""
AT_ONCE: Final = 25
"""Tickets that are renewed in one round trip, so that nobody else waits long for Redis."""


def own_channel(owner: str, prefix: str = PREFIX) -> str:
    """Where a process hears which of its tickets were given a place, or called."""
    return f"{prefix}to:{owner}"


def moved_channel(prefix: str = PREFIX) -> str:
    """Where all hear that those who wait may stand elsewhere now."""
    return f"{prefix}moved"


def asked(act: str, body: object, now: float | None = None) -> tuple[str, str, str]:
    """The arguments of the script; without `now` it is what the clock of Redis says."""
    return act, "" if now is None else f"{now:.6f}", json.dumps(body)


def written(held: Held) -> dict[str, str | int]:
    """A ticket as the script takes it."""
    wish = held.wish
    return {
        "ticket": wish.ticket,
        "person": wish.person,
        "rank": wish.rank,
        "owner": held.owner,
        "backend": "" if held.backend is None else str(held.backend),
        "stamp": str(held.stamp),
        "since": f"{held.since:.6f}",
        "most": "" if wish.most is None else str(wish.most),
        "candidates": json.dumps(
            [_written_candidate(each) for each in wish.candidates]
        ),
        "facts": json.dumps(dict(wish.facts)),
    }


def _written_candidate(each: Candidate) -> dict[str, int]:
    return {
        "backend": each.backend,
        "room": each.room,
        "tier": each.tier,
        "weight": each.weight,
    }


def written_left(left: Mapping[str, Facts | None]) -> list[dict[str, str]]:
    return [
        {"ticket": ticket, "facts": "" if facts is None else json.dumps(dict(facts))}
        for ticket, facts in left.items()
    ]


def read_state(told: Sequence[str]) -> State:
    ticket, backend, stamp, since, called = told
    return State(
        ticket=ticket,
        backend=int(backend) if backend else None,
        stamp=int(stamp),
        since=float(since),
        called=_read_called(called),
    )


def _read_called(text: str) -> Called | None:
    if not text:
        return None
    call, _, by = text.partition(":")
    return Called(Call(call), int(by) if by else None)


def read_waiting(told: Sequence[str]) -> Waiting:
    ticket, person, rank, candidates = told
    backends = frozenset(each["backend"] for each in json.loads(candidates))
    return Waiting(ticket, int(person), int(rank), backends)


def read_ticket(text: str) -> TicketNow:
    told: dict[str, Any] = json.loads(text)
    facts: Facts = json.loads(told["facts"])
    return TicketNow(
        ticket=told["ticket"],
        person=told["person"],
        rank=told["rank"],
        backend=told.get("backend"),
        since=float(told["since"]),
        facts=facts,
    )


def read_lost(told: Sequence[str]) -> Lost:
    ticket, facts = told
    return Lost(ticket, json.loads(facts))


class Keeper:
    """The turns in Redis, asked from async code; raises one of `AWAY` while it is away.

    Each method is what `Turns` has under the same name.
    """

    def __init__(self, link: "redis.asyncio.Redis", prefix: str = PREFIX) -> None:
        self.link, self.prefix = link, prefix
        self._script = link.register_script(SCRIPT)

    async def act(self, act: Act, helds: Sequence[Held]) -> list[State]:
        """Do that with each; how it stands with them then."""
        states: list[State] = []
        for start in range(0, len(helds), AT_ONCE):
            some = [written(each) for each in helds[start : start + AT_ONCE]]
            states += [read_state(each) for each in await self._ask(act, some)]
        return states

    async def leave(self, left: Mapping[str, Facts | None]) -> None:
        await self._ask("leave", written_left(left))

    async def queue(self) -> list[Waiting]:
        return [read_waiting(each) for each in await self._ask("queue", [])]

    async def _ask(self, act: str, body: object) -> Any:
        async with Moment(PATIENCE):
            return await self._script(keys=[self.prefix], args=asked(act, body))
