"""How long things take as a rule, learned from the ledger for each model on each server."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from dashboard.errors import DashboardError
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from models_app.models import Generation

ROWS: Final = 30
"""So many of the newest replies are learned from."""
SECONDS: Final = 60.0
"""How old what is known may be."""
LEAST_LOAD: Final = 500
"""Milliseconds below which a server did not load, but looked whether it had to."""
LEAST_TOKENS: Final = 200
"""A prompt that is shorter says nothing of how fast prompts are read."""


@dataclass(frozen=True, slots=True)
class Row:
    """A reply that was whole, as the ledger has it; times in milliseconds from the ask."""

    queue_ms: int | None
    load_ms: int | None
    first_token_ms: int | None
    total_ms: int | None
    prompt_tokens: int | None
    cached_tokens: int | None


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for a load, prompt tokens read in a second, seconds for a whole turn; None
    is what nobody has learned."""

    load_s: float | None = None
    tokens_per_s: float | None = None
    turn_s: float | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """How many seconds it will take as a rule to load, to read the prompt, and from its
    begin to its end; 0 for no load, None for what nobody knows."""

    load_s: float | None = None
    read_s: float | None = None
    turn_s: float | None = None

    @property
    def first_token_s(self) -> float | None:
        """Until the first token."""
        if self.load_s is None or self.read_s is None:
            return None
        return self.load_s + self.read_s


def pace_of(rows: Iterable[Row]) -> Pace:
    """The middle of what these replies show; one that is far off changes nothing."""
    known = list(rows)
    return Pace(
        load_s=_middle(
            [each.load_ms / 1000 for each in known if each.load_ms and _loaded(each)]
        ),
        tokens_per_s=_middle([s for each in known if (s := _speed(each))]),
        turn_s=_middle(
            [
                (each.total_ms - (each.queue_ms or 0)) / 1000
                for each in known
                if each.total_ms is not None
            ]
        ),
    )


def expected_at(
    pace: Pace, prompt_tokens: int | None, *, loaded: bool | None
) -> Expected:
    """What this pace comes to for a prompt; a model that may be in memory needs no load."""
    speed = pace.tokens_per_s
    read = prompt_tokens / speed if speed and prompt_tokens is not None else None
    return Expected(
        load_s=pace.load_s if loaded is False else 0.0,
        read_s=read,
        turn_s=pace.turn_s,
    )


def queue_seconds(turn_s: float | None, *, position: int, room: int) -> float | None:
    """Until it is the turn of somebody at this position, 1 being next."""
    return None if turn_s is None else position * turn_s / max(room, 1)


def expected(
    backend: int, model: str, prompt_tokens: int | None, *, loaded: bool | None
) -> Expected:
    """What is known in this process, at most a minute old; asks nobody.

    What is older is learned anew meanwhile. Only from a running loop.
    """
    return expected_at(_paces.now(backend, model), prompt_tokens, loaded=loaded)


def forget() -> None:
    """Know nothing any more, as a process that has just begun."""
    _paces.forget()


class Paces:
    """The pace of each model on each server, as this process knows it."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], Pace] = {}
        self._due: dict[tuple[int, str], float] = {}

    def now(self, backend: int, model: str) -> Pace:
        key = backend, model
        if time.monotonic() >= self._due.get(key, 0.0):
            self._due[key] = time.monotonic() + SECONDS
            in_background(self.learn(backend, model))
        return self._known.get(key, Pace())

    async def learn(self, backend: int, model: str) -> None:
        """From the newest rows; without a database, what was known stays."""
        try:
            rows = await in_db(newest_rows)(backend, model)
        except DashboardError:
            return
        self._known[backend, model] = pace_of(rows)

    def forget(self) -> None:
        self._known.clear()
        self._due.clear()


_paces = Paces()


def newest_rows(backend: int, model: str) -> Sequence[Row]:
    done = Generation.objects.filter(
        backend=backend, model=model, status=Generation.Status.DONE
    )
    return [Row(*each) for each in done.values_list(*Row.__slots__)[:ROWS]]


def _loaded(row: Row) -> bool:
    return (row.load_ms or 0) >= LEAST_LOAD


def _speed(row: Row) -> float | None:
    """Of a reply that did not wait for a load: what was left out of the time is unsure."""
    if row.first_token_ms is None or row.prompt_tokens is None or _loaded(row):
        return None
    tokens = row.prompt_tokens - (row.cached_tokens or 0)
    took = row.first_token_ms - (row.queue_ms or 0)
    if tokens < LEAST_TOKENS or took <= 0:
        return None
    return tokens * 1000 / took


def _middle(values: Sequence[float]) -> float | None:
    return median(values) if values else None
