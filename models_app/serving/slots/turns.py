"""Whose turn it is at the model servers, in plain Python: what `slots.lua` does in Redis.

Each process falls back to its own while Redis is away. The rules are told in the docs of
`Turns`; tests hold this and the script side by side.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from models_app.serving.slots.wishes import (
    GIVES_WAY,
    NOBODYS,
    RANKS,
    Call,
    Called,
    Candidate,
    Facts,
    Held,
    Lost,
    State,
    TicketNow,
    Waiting,
    Wish,
)

LEASE: Final = 10.0
"""Seconds after which a ticket that nobody renews is given up."""

Act = Literal["enter", "renew", "look", "reroute", "pass_over"]


@dataclass(slots=True)
class Ticket:
    """One reply that is wanted; `turn` is where its person was in the rotation before it
    was given its place."""

    ticket: str
    person: int
    rank: int
    candidates: tuple[Candidate, ...]
    facts: Facts
    stamp: int
    since: float
    turn: int
    ends: float = 0
    backend: int | None = None
    called: Called | None = None

    @property
    def state(self) -> State:
        return State(self.ticket, self.backend, self.stamp, self.since, self.called)

    @property
    def now(self) -> TicketNow:
        return TicketNow(
            self.ticket, self.person, self.rank, self.backend, self.since, self.facts
        )

    def would_take(self, backend: int) -> bool:
        return any(each.backend == backend for each in self.candidates)


class Turns:
    """Tickets that wait or run, and who is next.

    A free place goes to the highest rank; in it to the first person of the rotation who
    waits for it, with their oldest ticket. A person joins the end of the rotation when
    they begin to wait, and goes there after each turn that somebody else waited for. A
    ticket takes, of its servers with room, one of the lowest tier, of these the one with
    the fewest replies for its weight. `news` are tickets that were given a place or called.
    """

    def __init__(self) -> None:
        self.tickets: dict[str, Ticket] = {}
        self._lost: dict[str, tuple[Lost, float]] = {}
        self.rooms: dict[int, int] = {}
        self.rotations: tuple[dict[int, int], ...] = tuple({} for _ in RANKS)
        self.news: set[str] = set()
        self._stamp = 0

    # What is asked.

    def act(self, act: Act, helds: Sequence[Held], *, now: float) -> list[State]:
        """Do that with each; how it stands with them then."""
        return ACTS[act](self, helds, now=now)

    def enter(self, helds: Sequence[Held], *, now: float) -> list[State]:
        """Wait for a place, or have it at once: one after the other, as if each had come
        by itself. Whoever has enough in already is refused."""
        self._sweep(now)
        for held in helds:
            if not self._has_enough(held.wish):
                self._with_each([held], now=now)
        self.news -= {held.wish.ticket for held in helds}
        return [self._state(held, now) for held in helds]

    def renew(self, helds: Sequence[Held], *, now: float) -> list[State]:
        """Go on; what was forgotten meanwhile is put in again, running beyond room too."""
        return self._with_each(helds, now=now, tells_rooms=False)

    def look(self, helds: Sequence[Held], *, now: float) -> list[State]:
        """Go on; what was forgotten is left out, of the states too."""
        self._sweep(now)
        known = [each for each in helds if each.wish.ticket in self.tickets]
        return self.renew(known, now=now)

    def reroute(self, helds: Sequence[Held], *, now: float) -> list[State]:
        """Wait for other servers; those that run stay where they are."""
        return self._with_each(helds, self._choose_anew, now=now)

    def pass_over(self, helds: Sequence[Held], *, now: float) -> list[State]:
        """Give the place back, and wait for others in the turn that it was given in."""
        return self._with_each(helds, self._give_back, now=now)

    def leave(self, left: Mapping[str, Facts | None], *, now: float) -> None:
        """Be in no more. With facts, a ticket is lost after a lease, unless it is forgotten
        before: its process may die before it has written them down."""
        self._sweep(now)
        for ticket, facts in left.items():
            self._remove(ticket)
            self._lost.pop(ticket, None)
            if facts is not None:
                self._lose(ticket, facts, now + LEASE)
        self._settle(now)

    def stop(self, ticket: str, *, by: int, now: float) -> bool:
        """Call a ticket to its end; False where there is none."""
        self._sweep(now)
        self._settle(now)
        found = self.tickets.get(ticket)
        if found:
            found.called = Called(Call.STOP, by)
            self.news.add(ticket)
        return found is not None

    def queue(self, *, now: float) -> list[Waiting]:
        """Those who wait, in order."""
        self._sweep(now)
        self._settle(now)
        return [
            Waiting(
                each.ticket,
                each.person,
                each.rank,
                frozenset(one.backend for one in each.candidates),
            )
            for each in self._in_order()
        ]

    def everybody(self, *, now: float) -> list[TicketNow]:
        """Those who run, and then those who wait, in order."""
        waiting = [each.ticket for each in self.queue(now=now)]
        runs = (each for each in self.tickets.values() if each.backend is not None)
        return [
            *(each.now for each in runs),
            *(self.tickets[each].now for each in waiting),
        ]

    def lost(self, *, now: float) -> list[Lost]:
        """Those whose lease is over, and those who left that long ago."""
        self._sweep(now)
        self._settle(now)
        return [each for each, due in self._lost.values() if due <= now]

    def forget(self, tickets: Iterable[str]) -> None:
        """They are lost no more: somebody has written them down."""
        for ticket in tickets:
            self._lost.pop(ticket, None)

    # How a ticket gets in, and out.

    def _has_enough(self, wish: Wish) -> bool:
        if wish.most is None or wish.rank == NOBODYS:
            return False
        theirs = (each for each in self.tickets.values() if each.person == wish.person)
        return sum(each.rank != NOBODYS for each in theirs) >= wish.most

    def _state(self, held: Held, now: float) -> State:
        """Whoever is not in after they came was refused."""
        ticket, refused = held.wish.ticket, Called(Call.REFUSED)
        found = self.tickets.get(ticket)
        return found.state if found else State(ticket, None, 0, now, refused)

    def _with_each(
        self,
        helds: Sequence[Held],
        each: Callable[[Held, float], None] | None = None,
        *,
        now: float,
        tells_rooms: bool = True,
    ) -> list[State]:
        self._sweep(now)
        for held in helds:
            for one in held.wish.candidates:
                if tells_rooms or one.backend not in self.rooms:
                    self.rooms[one.backend] = one.room
            self._put_in(held, now)
            if each:
                each(held, now)
        self._settle(now)
        self.news -= {held.wish.ticket for held in helds}
        return [self.tickets[held.wish.ticket].state for held in helds]

    def _put_in(self, held: Held, now: float) -> None:
        known = self.tickets.get(held.wish.ticket)
        if known is None:
            known = self._keep(held, now)
        elif held.backend is not None and held.backend != known.backend:
            if known.backend is None:
                self._stop_waiting(known)
            known.backend, known.since = held.backend, held.since
        known.facts = held.wish.facts
        known.ends = now + LEASE

    def _keep(self, held: Held, now: float) -> Ticket:
        wish, stamp = held.wish, held.stamp or self._next_stamp(now)
        kept = Ticket(
            ticket=wish.ticket,
            person=wish.person,
            rank=wish.rank,
            candidates=wish.candidates,
            facts=wish.facts,
            stamp=stamp,
            since=held.since if held.stamp else now,
            turn=stamp,
            backend=held.backend,
        )
        self.tickets[wish.ticket] = kept
        self._lost.pop(wish.ticket, None)
        if held.backend is None:
            self._wait(kept)
        return kept

    def _choose_anew(self, held: Held, now: float) -> None:
        ticket = self.tickets[held.wish.ticket]
        if ticket.backend is None:
            ticket.candidates = held.wish.candidates

    def _give_back(self, held: Held, now: float) -> None:
        ticket = self.tickets[held.wish.ticket]
        if ticket.backend is not None:
            ticket.backend, ticket.since = None, now
            self._wait(ticket)
            rotation = self.rotations[ticket.rank]
            rotation[ticket.person] = min(rotation[ticket.person], ticket.turn)
        ticket.candidates = held.wish.candidates

    def _remove(self, name: str) -> None:
        ticket = self.tickets.get(name)
        if ticket and ticket.backend is None:
            self._stop_waiting(ticket)
        self.tickets.pop(name, None)

    # Who waits, and in which order.

    def _next_stamp(self, now: float) -> int:
        self._stamp = max(self._stamp + 1, int(now * 1_000_000))
        return self._stamp

    def _wait(self, ticket: Ticket) -> None:
        self.rotations[ticket.rank].setdefault(ticket.person, ticket.stamp)

    def _stop_waiting(self, ticket: Ticket) -> None:
        """The person leaves the rotation with the last ticket that waits."""
        others = self._queue(ticket.rank, ticket.person)
        if all(each is ticket for each in others):
            self.rotations[ticket.rank].pop(ticket.person, None)

    def _queue(self, rank: int, person: int) -> list[Ticket]:
        mine = (
            each
            for each in self.tickets.values()
            if each.backend is None and (each.rank, each.person) == (rank, person)
        )
        return sorted(mine, key=lambda each: (each.stamp, each.ticket))

    def _in_order(self) -> Iterator[Ticket]:
        for rank, rotation in enumerate(self.rotations):
            turns = sorted(rotation, key=lambda each: (rotation[each], str(each)))
            for person in turns:
                yield from self._queue(rank, person)

    # What happens of itself: leases end, places are given, background work gives way.

    def _sweep(self, now: float) -> None:
        over = [each for each in self.tickets.values() if each.ends <= now]
        for ticket in over:
            self._lose(ticket.ticket, ticket.facts, now)
            self._remove(ticket.ticket)

    def _lose(self, ticket: str, facts: Facts, due: float) -> None:
        self._lost[ticket] = (Lost(ticket, facts), due)

    def _settle(self, now: float) -> None:
        while self._deal_one(now):
            pass
        self._have_background_give_way()

    def _deal_one(self, now: float) -> bool:
        for ticket in self._in_order():
            backend = self._best(ticket.candidates)
            if backend is not None:
                self._grant(ticket, backend, now)
                return True
        return False

    def _grant(self, ticket: Ticket, backend: int, now: float) -> None:
        rotation = self.rotations[ticket.rank]
        ticket.turn = rotation[ticket.person]
        self._stop_waiting(ticket)
        ticket.backend, ticket.since = backend, now
        if ticket.person in rotation and self._contested(ticket, backend):
            rotation[ticket.person] = self._next_stamp(now)
        self.news.add(ticket.ticket)

    def _contested(self, ticket: Ticket, backend: int) -> bool:
        """Whether anybody else of that rank waits for the server."""
        return any(
            each.rank == ticket.rank
            and each.person != ticket.person
            and each.would_take(backend)
            for each in self._in_order()
        )

    def _running(self, backend: int) -> int:
        return sum(each.backend == backend for each in self.tickets.values())

    def _best(self, candidates: Iterable[Candidate]) -> int | None:
        def load(each: Candidate) -> tuple[int, float]:
            share = (self._running(each.backend) + 1) / max(1, each.weight)
            return each.tier, share

        there = [
            each
            for each in candidates
            if self._running(each.backend) < self.rooms.get(each.backend, 0)
        ]
        return min(there, key=load).backend if there else None

    def _have_background_give_way(self) -> None:
        yielding = self._yielding()
        places = self._places_wanted(yielding)
        for backend, count in places.items():
            excess = self._running(backend) - self.rooms.get(backend, 0)
            for ticket in yielding[backend][: excess + count]:
                if ticket.called is None:
                    ticket.called = Called(Call.YIELD)
                    self.news.add(ticket.ticket)

    def _yielding(self) -> dict[int, list[Ticket]]:
        """Running tickets that give way: called ones first, then the latest."""
        low = [each for each in self.tickets.values() if each.rank >= GIVES_WAY]
        low.sort(key=lambda each: (each.since, each.ticket), reverse=True)
        low.sort(key=lambda each: each.called is None)
        found: dict[int, list[Ticket]] = {}
        for ticket in low:
            if ticket.backend is not None:
                found.setdefault(ticket.backend, []).append(ticket)
        return found

    def _places_wanted(self, yielding: dict[int, list[Ticket]]) -> dict[int, int]:
        """How many places people and API could have if background work gave way."""
        places: dict[int, int] = {}
        for ticket in self._in_order():
            if ticket.rank < GIVES_WAY:
                backend = self._could_have(ticket, yielding, places)
                if backend is not None:
                    places[backend] = places.get(backend, 0) + 1
        return places

    def _could_have(
        self,
        ticket: Ticket,
        yielding: dict[int, list[Ticket]],
        places: dict[int, int],
    ) -> int | None:
        for each in sorted(ticket.candidates, key=lambda one: (one.tier, one.backend)):
            backend, room = each.backend, self.rooms.get(each.backend, 0)
            needed = self._running(backend) - room + places.get(backend, 0) + 1
            if room > 0 and len(yielding.get(backend, ())) >= needed:
                return backend
        return None


ACTS: Final = {
    "enter": Turns.enter,
    "renew": Turns.renew,
    "look": Turns.look,
    "reroute": Turns.reroute,
    "pass_over": Turns.pass_over,
}
