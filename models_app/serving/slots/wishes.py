"""What somebody waits for, and how it stands with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

RANKS = ("person", "api", "batch", "background")
"""Origins in the order in which they are let in; the last two give way to the others."""

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
    and the ledger, should this process die.
    """

    ticket: str
    person: int
    rank: int
    candidates: tuple[Candidate, ...]
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody who waits stands: `position` 1 is next, `people` others are before it."""

    position: int
    people: int
