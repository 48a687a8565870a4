"""The script in Redis does what `Turns` says, whatever happens in whatever order."""

import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from dashboard.live.bus import link
from models_app.serving.slots.keeper import LEASE, PREFIX, SCRIPT, wish_text
from models_app.serving.slots.turns import Turns
from models_app.serving.slots.wishes import Candidate, Standing, Wish

people = some.integers(1, 4)
ranks = some.sampled_from([0, 0, 1, 2, 3])
Candidates = tuple[Candidate, ...]
offers = some.lists(
    some.builds(
        Candidate,
        backend=some.integers(1, 3),
        room=some.sampled_from([0, 1, 1, 2]),
        tier=some.integers(0, 1),
        weight=some.integers(1, 3),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda each: each.backend,
).map(tuple)


class BothAlike(RuleBasedStateMachine):
    """Every step is taken in both; then both must say the same of every ticket."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = Turns()
        self.script = link().register_script(SCRIPT)
        self.now = 1000.0
        self.count = 0
        self.alive: dict[str, Wish] = {}

    @initialize()
    def begin(self) -> None:
        forget_all()

    def run(self, operation: str, *words: str | float) -> Any:
        return self.script(keys=[PREFIX], args=[operation, self.now, *words])

    def tend(self, names: list[str]) -> None:
        held = [(self.alive[name], self.place_of(name)) for name in names]
        self.turns.tend(held, now=self.now, seconds=LEASE)
        self.run("tend", LEASE, *(wish_text(wish, at) for wish, at in held))

    def place_of(self, name: str) -> int | None:
        known = self.turns.tickets.get(name)
        return known.backend if known else None

    @rule(some_wishes=some.lists(some.tuples(people, ranks, offers), min_size=1))
    def enter(self, some_wishes: list[tuple[int, int, Candidates]]) -> None:
        for person, rank, candidates in some_wishes[:5]:
            self.count += 1
            wish = Wish(f"t{self.count}", person, rank, candidates)
            self.alive[wish.ticket] = wish
            self.tend([wish.ticket])

    @precondition(lambda self: self.alive)
    @rule(data=some.data())
    def leave(self, data: some.DataObject) -> None:
        name = data.draw(some.sampled_from(sorted(self.alive)))
        del self.alive[name]
        self.turns.leave(name, now=self.now)
        self.run("leave", name, "", LEASE)

    @precondition(lambda self: self.alive)
    @rule(data=some.data())
    def crash(self, data: some.DataObject) -> None:
        del self.alive[data.draw(some.sampled_from(sorted(self.alive)))]

    @precondition(lambda self: self.alive)
    @rule(data=some.data(), candidates=offers)
    def pass_over(self, data: some.DataObject, candidates: Candidates) -> None:
        name = data.draw(some.sampled_from(sorted(self.alive)))
        wish = self.alive[name]
        self.alive[name] = Wish(name, wish.person, wish.rank, candidates)
        self.turns.pass_over(name, candidates, now=self.now)
        rows = [[e.backend, e.room, e.tier, e.weight] for e in candidates]
        self.run("pass", name, json.dumps(rows))

    @precondition(lambda self: self.alive)
    @rule(data=some.data(), candidates=offers)
    def reroute(self, data: some.DataObject, candidates: Candidates) -> None:
        name = data.draw(some.sampled_from(sorted(self.alive)))
        wish = self.alive[name]
        self.alive[name] = Wish(name, wish.person, wish.rank, candidates)
        self.tend([name])

    @rule(seconds=some.sampled_from([1, 4, 11]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def everybody_is_heard(self) -> None:
        self.tend(sorted(self.alive))

    @precondition(lambda self: self.alive)
    @rule(data=some.data())
    def somebody_calls(self, data: some.DataObject) -> None:
        name = data.draw(some.sampled_from(sorted(self.alive)))
        self.turns.call(name, by=7)
        self.run("call", name, 7)

    @rule()
    def redis_forgets(self) -> None:
        forget_all()
        held = [(self.alive[n], self.place_of(n)) for n in sorted(self.alive)]
        self.turns = Turns()
        self.turns.tend(held, now=self.now, seconds=LEASE)
        self.run("tend", LEASE, *(wish_text(wish, at) for wish, at in held))

    @invariant()
    def both_say_the_same(self) -> None:
        assert told_by_redis() == {
            name: (each.backend, each.called)
            for name, each in self.turns.tickets.items()
        }
        assert set(names_in("lost")) == set(self.turns.lost)

    @invariant()
    def both_see_everybody_where_they_stand(self) -> None:
        waiting = [n for n in sorted(self.alive) if n in self.turns.tickets]
        held = [(self.alive[n], self.place_of(n)) for n in waiting]
        self.turns.tend(held, now=self.now, seconds=LEASE)
        answer = self.run("tend", LEASE, *(wish_text(w, at) for w, at in held))
        for name, backend, _, position, others in answer:
            if backend == -1:
                expected = self.turns.standing(name.decode())
                assert Standing(position, others) == expected

    @invariant()
    def nobody_is_counted_twice(self) -> None:
        counted = {
            int(k): int(v) for k, v in link().hgetall(f"{PREFIX}running").items()
        }
        backends = {each.backend for each in self.turns.tickets.values()} - {None}
        assert counted == {pk: self.turns.running(pk) for pk in backends if pk}

    def teardown(self) -> None:
        forget_all()


def forget_all() -> None:
    if keys := link().keys(f"{PREFIX}*"):
        link().delete(*keys)


def names_in(name: str) -> list[str]:
    return [each.decode() for each in link().hkeys(f"{PREFIX}{name}")]


def told_by_redis() -> dict[str, tuple[int | None, int | None]]:
    kept = {
        name.decode(): json.loads(text)
        for name, text in link().hgetall(f"{PREFIX}tickets").items()
    }
    return {
        name: (
            None if each["b"] == -1 else each["b"],
            None if each["y"] == -1 else each["y"],
        )
        for name, each in kept.items()
    }


BothAlike.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestBothAlike = BothAlike.TestCase
