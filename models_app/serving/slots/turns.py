"""Who gets the next place: the rule itself, in one process and without any clock.

`turns.lua` is the same in Redis, for all processes together; a test runs both side by
side. A process goes by this one alone while Redis is away.

People take turns: for each origin there is a rotation of those who wait. Whoever begins to
wait joins its end; whoever got a place goes to its end if they still wait, else leaves it.
So nobody waits for more than one turn of each other person.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from models_app.serving.slots.wishes import Candidate, Standing, Wish

YIELDING = 2
"""From this rank on, work gives its place to those of lower ranks."""
BEFORE_US = 0
"""Who called work off because somebody waits: nobody."""


@dataclass(slots=True)
class Ticket:
    """One who waits, or has a place at `backend` until `expires`; `number` counts arrivals.

    `called` is None, `BEFORE_US`, or the number of the administrator who ended it.
    """

    wish: Wish
    number: int
    expires: float
    backend: int | None = None
    called: int | None = None

    @property
    def key(self) -> tuple[int, int]:
        """Whose turn it is of."""
        return self.wish.rank, self.wish.person

    @property
    def backends(self) -> frozenset[int]:
        return frozenset(each.backend for each in self.wish.candidates)


@dataclass(slots=True)
class Turns:
    """All tickets; a time is a number that only grows, and is given by the caller."""

    tickets: dict[str, Ticket] = field(default_factory=dict)
    rooms: dict[int, int] = field(default_factory=dict)
    rotation: dict[tuple[int, int], int] = field(default_factory=dict)
    lost: dict[str, Ticket] = field(default_factory=dict)
    arrivals: int = 0
    heads: int = 0

    def tend(
        self, wishes: Iterable[tuple[Wish, int | None]], *, now: float, seconds: float
    ) -> None:
        """Let these wishes in, or hear that their process lives: they are good for
        `seconds` more. One that has a backend has a place there, whatever was known."""
        self._expire(now)
        for wish, backend in wishes:
            self._tend(wish, backend, now + seconds)
        self._deal()

    def leave(self, ticket: str, *, now: float) -> None:
        """It waits no longer, or gives its place back."""
        self._expire(now)
        self._forget(ticket)
        self._deal()

    def pass_over(
        self, ticket: str, candidates: tuple[Candidate, ...], *, now: float
    ) -> None:
        """Give its place back and wait for one of these, before everybody of its rank."""
        self._expire(now)
        if known := self._forget(ticket):
            wish = replace(known.wish, candidates=candidates)
            self.heads -= 1
            self._note_rooms(wish)
            again = Ticket(wish, self.heads, known.expires, called=known.called)
            self.tickets[ticket] = again
            self.rotation[again.key] = self.heads
        self._deal()

    def call(self, ticket: str, *, by: int) -> bool:
        """Tell it to end; whether it was there."""
        known = self.tickets.get(ticket)
        if known is not None:
            known.called = by
        return known is not None

    def standing(self, ticket: str) -> Standing:
        """Where one stands that waits: how many would be served before it, and of how many
        other people these are."""
        mine = self.tickets[ticket]
        rivals = [e for e in self._in_line() if e.backends & mine.backends]
        own = [each for each in rivals if each.key == mine.key]
        turn = own.index(mine)
        before = dict[tuple[int, int], int]()
        for each in rivals:
            if each.key != mine.key:
                before[each.key] = before.get(each.key, 0) + 1
        ahead = {
            key: min(waiting, self._turns_before(key, mine, turn, waiting))
            for key, waiting in before.items()
        }
        people = {key[1] for key, turns in ahead.items() if turns} - {mine.wish.person}
        return Standing(turn + sum(ahead.values()) + 1, len(people))

    def running(self, backend: int) -> int:
        return sum(each.backend == backend for each in self.tickets.values())

    def _turns_before(
        self, key: tuple[int, int], mine: Ticket, turn: int, waiting: int
    ) -> int:
        if key[0] != mine.wish.rank:
            return waiting if key[0] < mine.wish.rank else 0
        return turn + (self.rotation[key] < self.rotation[mine.key])

    def _tend(self, wish: Wish, backend: int | None, expires: float) -> None:
        self._note_rooms(wish)
        known = self.tickets.get(wish.ticket)
        if known is None or _is_elsewhere(known, wish, backend):
            self._forget(wish.ticket)
            self.lost.pop(wish.ticket, None)
            self.arrivals += 1
            known = Ticket(wish, self.arrivals, expires, backend)
            self.tickets[wish.ticket] = known
            if backend is None:
                self.rotation.setdefault(known.key, self.arrivals)
        known.wish, known.expires = wish, expires

    def _note_rooms(self, wish: Wish) -> None:
        self.rooms |= {each.backend: each.room for each in wish.candidates}

    def _expire(self, now: float) -> None:
        for name in [n for n, e in self.tickets.items() if e.expires <= now]:
            known = self._forget(name)
            if known is not None and known.backend is not None:
                self.lost[name] = known

    def _forget(self, ticket: str) -> Ticket | None:
        known = self.tickets.pop(ticket, None)
        if known is not None and not self._waits(known.key):
            self.rotation.pop(known.key, None)
        return known

    def _waits(self, key: tuple[int, int]) -> bool:
        return any(e.key == key and e.backend is None for e in self.tickets.values())

    def _in_line(self) -> list[Ticket]:
        """Those who wait, in the order in which the next one is looked for."""
        waiting = [each for each in self.tickets.values() if each.backend is None]
        return sorted(
            waiting, key=lambda e: (e.wish.rank, self.rotation[e.key], e.number)
        )

    def _deal(self) -> None:
        while granted := next(self._grants(), None):
            ticket, backend = granted
            ticket.backend = backend
            self._turn_over(ticket.key)
        self._call_those_that_yield()

    def _grants(self) -> Iterator[tuple[Ticket, int]]:
        for each in self._in_line():
            if (best := self._best(each.wish.candidates)) is not None:
                yield each, best

    def _best(self, candidates: Iterable[Candidate]) -> int | None:
        free = [
            (each.tier, (self.running(each.backend) + 1) / each.weight, place)
            for place, each in enumerate(candidates)
            if self.running(each.backend) < self.rooms.get(each.backend, 0)
        ]
        return [*candidates][min(free)[2]].backend if free else None

    def _turn_over(self, key: tuple[int, int]) -> None:
        """They had a turn: to the end of the rotation, or out of it."""
        self.rotation.pop(key, None)
        if self._waits(key):
            self.arrivals += 1
            self.rotation[key] = self.arrivals

    def _call_those_that_yield(self) -> None:
        """One for each who waits and comes before them, the latest first."""
        running = [
            each
            for each in self.tickets.values()
            if each.backend is not None and each.wish.rank >= YIELDING
        ]
        latest = sorted(running, key=lambda e: -e.number)
        taken = set[str]()
        for waiting in self._in_line():
            if waiting.wish.rank >= YIELDING:
                return
            theirs = [e for e in latest if e.backend in waiting.backends]
            free = [e for e in theirs if e.wish.ticket not in taken]
            chosen = min(free, key=lambda e: e.called is None, default=None)
            if chosen is not None:
                taken.add(chosen.wish.ticket)
                chosen.called = BEFORE_US if chosen.called is None else chosen.called


def _is_elsewhere(known: Ticket, wish: Wish, backend: int | None) -> bool:
    """Its process knows better: it went on by itself while it was cut off from here."""
    if backend is not None:
        return known.backend != backend
    given = known.backend
    return given is not None and given not in {e.backend for e in wish.candidates}
