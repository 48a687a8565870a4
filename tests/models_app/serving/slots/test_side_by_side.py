"""The script in a real Valkey does what `Turns` does, whatever happens in which order."""

from collections.abc import Sequence
from dataclasses import replace

import redis
from django.conf import settings
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models_app.serving.slots.standing import standings
from models_app.serving.slots.turns import LEASE, Act, Turns
from models_app.serving.slots.wishes import (
    Call,
    Called,
    Candidate,
    Facts,
    Held,
    State,
    Wish,
)
from tests.models_app.serving.slots.wishing import Script

BEGAN = 1_800_000_000

persons = st.integers(1, 4)
ranks = st.integers(0, 3)
candidates = st.lists(
    st.builds(
        Candidate,
        backend=st.integers(1, 3),
        room=st.integers(0, 2),
        tier=st.integers(0, 1),
        weight=st.integers(1, 3),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda each: each.backend,
).map(tuple)
picks = st.integers(0, 1000)
Comer = tuple[int, int, int | None]
comers = st.tuples(persons, ranks, st.sampled_from([None, None, 0, 2]))


class SideBySide(RuleBasedStateMachine):
    """Two processes' worth of tickets. `held` is what the processes know of theirs; one
    that crashed is renewed no more."""

    def __init__(self) -> None:
        super().__init__()
        self.link = redis.Redis.from_url(settings.REDIS_URL, decode_responses=True)
        self.script = Script(self.link, "test:{slots}:")
        self.turns = Turns()
        self.now = BEGAN
        self.held: dict[str, Held] = {}
        self.running: set[str] = set()
        self.number = 0
        self._flush()

    def teardown(self) -> None:
        self._flush()
        self.link.close()

    def _flush(self) -> None:
        if keys := self.link.keys(f"{self.script.prefix}*"):
            self.link.delete(*keys)

    def _act(self, act: Act, helds: Sequence[Held]) -> None:
        self.running |= {each.wish.ticket for each in helds if each.backend is not None}
        states = self.turns.act(act, helds, now=self.now)
        assert self.script.act(act, helds, now=self.now) == states
        asked = {each.wish.ticket: each for each in helds}
        for state in states:
            if state.called != Called(Call.REFUSED):
                self._hear(asked[state.ticket], state)

    def _hear(self, held: Held, state: State) -> None:
        self.held[state.ticket] = replace(
            held, backend=state.backend, stamp=state.stamp, since=state.since
        )

    def _pick(self, pick: int) -> Held:
        return self.held[sorted(self.held)[pick % len(self.held)]]

    @rule(coming=st.lists(comers, min_size=1, max_size=4), to=candidates)
    def enter(self, coming: list[Comer], to: tuple[Candidate, ...]) -> None:
        self._act("enter", [self._held_of(*each, to=to) for each in coming])

    def _held_of(
        self, person: int, rank: int, most: int | None, *, to: tuple[Candidate, ...]
    ) -> Held:
        self.number += 1
        facts = {"number": self.number}
        wish = Wish(f"t{self.number}", person, rank, to, facts, most)
        return Held(wish, owner="a process")

    @precondition(lambda self: self.held)
    @rule(pick=picks, facts=st.sampled_from([None, {"tokens": 3}]))
    def leave(self, pick: int, facts: Facts | None) -> None:
        ticket = self._pick(pick).wish.ticket
        del self.held[ticket]
        self.turns.leave({ticket: facts}, now=self.now)
        self.script.leave({ticket: facts}, now=self.now)

    @precondition(lambda self: self.held)
    @rule(pick=picks)
    def crash(self, pick: int) -> None:
        del self.held[self._pick(pick).wish.ticket]

    @precondition(lambda self: self.held)
    @rule(pick=picks, forward=st.booleans(), act=st.sampled_from(["renew", "look"]))
    def renew_some(self, pick: int, forward: bool, act: Act) -> None:
        some = sorted(self.held)[:: 1 if forward else -1]
        self._act(act, [self.held[each] for each in some[: pick % len(some) + 1]])

    @rule(seconds=st.sampled_from([0, 1, 4, 11]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @precondition(lambda self: self.held)
    @rule(pick=picks, act=st.sampled_from(["reroute", "pass_over"]), to=candidates)
    def move(self, pick: int, act: Act, to: tuple[Candidate, ...]) -> None:
        held = self._pick(pick)
        wish = replace(held.wish, candidates=to)
        self._act(act, [replace(held, wish=wish)])

    @rule(number=st.integers(1, 30), by=persons)
    def stop(self, number: int, by: int) -> None:
        found = self.turns.stop(f"t{number}", by=by, now=self.now)
        assert self.script.stop(f"t{number}", by=by, now=self.now) == found

    @rule()
    def redis_forgets(self) -> None:
        self._flush()
        self.turns = Turns()

    @rule()
    def script_is_flushed(self) -> None:
        self.link.script_flush()

    @rule()
    def lost_are_forgotten(self) -> None:
        lost = [each.ticket for each in self.turns.lost(now=self.now)]
        self.turns.forget(lost)
        self.script.forget(lost, now=self.now)

    @invariant()
    def the_same_run_and_wait(self) -> None:
        queue = self.turns.queue(now=self.now)
        assert self.script.queue(now=self.now) == queue
        ours = self.turns.everybody(now=self.now)
        theirs = self.script.everybody(now=self.now)
        assert {each.ticket: each for each in theirs} == {
            each.ticket: each for each in ours
        }

    @invariant()
    def the_same_are_lost(self) -> None:
        ours = {each.ticket: each for each in self.turns.lost(now=self.now)}
        theirs = {each.ticket: each for each in self.script.lost(now=self.now)}
        assert theirs == ours

    @invariant()
    def everybody_who_waits_has_a_standing(self) -> None:
        queue = self.turns.queue(now=self.now)
        told = standings(queue)
        assert set(told) == {each.ticket for each in queue}
        assert all(1 <= each.position <= len(queue) for each in told.values())

    @invariant()
    def nothing_is_kept_after_its_lease(self) -> None:
        assert all(each.ends > self.now for each in self.turns.tickets.values())
        assert all(
            each.ends <= self.now + LEASE for each in self.turns.tickets.values()
        )

    @invariant()
    def nobody_is_given_a_place_beyond_the_room(self) -> None:
        """What a process said that it runs may be beyond it."""
        running = {
            each.ticket: each.backend
            for each in self.turns.tickets.values()
            if each.backend is not None
        }
        for backend in {running[each] for each in running.keys() - self.running}:
            count = list(running.values()).count(backend)
            assert count <= self.turns.rooms[backend]
        self.running = set(running)

    @invariant()
    def no_server_with_room_is_waited_for(self) -> None:
        for ticket in self.turns.tickets.values():
            if ticket.backend is None:
                assert self.turns._best(ticket.candidates) is None


def test_the_script_and_the_turns_are_the_same() -> None:
    run_state_machine_as_test(
        SideBySide, settings=how(max_examples=60, stateful_step_count=30)
    )
