"""What somebody waits for, and how it stands with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

RANKS = ("person", "api", "batch", "background")
"""Origins in the order in which they are let in; the last two give way to the others."""

GIVES_WAY = 2
"""The first rank that gives way."""

NOBODYS = RANKS.index("background")
"""Background work: the house's own, and not counted for the person whom it is for."""

Facts = Mapping[str, str | int | float | None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server that could answer: `room` is how many replies it writes at once, 0 where it
    takes none now. Those of the lowest `tier` that have room come first, among these the
    one that has the fewest for its weight."""

    backend: int
    room: int
    tier: int = 0
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Wish:
    """A place at any of these servers, for a person; `ticket` names it everywhere.

    `facts` are kept with it while it waits and runs: who is served now is read from them,
    and the ledger, should this process die. It is refused where the person has `most` in
    already, of which None is any number.
    """

    ticket: str
    person: int
    rank: int
    candidates: tuple[Candidate, ...]
    facts: Facts = field(default_factory=dict)
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody who waits stands: `position` 1 is next, `people` others are before it."""

    position: int
    people: int


class Call(StrEnum):
    """What is asked of somebody who waits or is served."""

    YIELD = "yield"
    STOP = "stop"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Called:
    """YIELD: people wait for the place that background work has. STOP: `by` wants it to
    end. REFUSED: it was not let in."""

    call: Call
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A wish with all that is needed to put it in again where it was forgotten.

    It runs at `backend`, or waits. `owner` names the process that hears of it, `stamp` its
    place in the order (0: not in it yet); it waits or runs `since` that Unix time.
    """

    wish: Wish
    owner: str = ""
    backend: int | None = None
    stamp: int = 0
    since: float = 0


@dataclass(frozen=True, slots=True)
class State:
    """How it stands with a ticket: it runs at `backend`, or waits."""

    ticket: str
    backend: int | None
    stamp: int
    since: float
    called: Called | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One that waits, for any of these servers."""

    ticket: str
    person: int
    rank: int
    backends: frozenset[int]


@dataclass(frozen=True, slots=True)
class TicketNow:
    """One that waits, or runs at `backend`, since that Unix time; for those who look."""

    ticket: str
    person: int
    rank: int
    backend: int | None
    since: float
    facts: Facts


@dataclass(frozen=True, slots=True)
class Lost:
    """One that is in no more, and that nobody has written down yet."""

    ticket: str
    facts: Facts
