"""Whose turn it is: ranks, rotation, tiers and weights, leases, giving way, fairness."""

import logging
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.serving.slots.turns import LEASE, Turns
from models_app.serving.slots.wishes import (
    Call,
    Called,
    Candidate,
    Held,
    Lost,
    State,
    Waiting,
)
from tests.models_app.serving.slots.wishing import at, held

log = logging.getLogger(__name__)


def enter(turns: Turns, *helds: Held) -> list[State]:
    return [turns.act("enter", [each], now=0)[0] for each in helds]


def served(turns: Turns) -> list[str]:
    """The tickets in the order in which they get the one place, until nobody waits."""
    order = []
    while running := [each for each in turns.tickets.values() if each.backend]:
        order.append(running[0].ticket)
        turns.leave({running[0].ticket: None}, now=0)
    return order


def test_a_free_place_is_had_at_once() -> None:
    turns = Turns()

    first, second = enter(turns, held("a"), held("b"))

    assert (first.backend, second.backend) == (1, None)


def test_people_take_turns_whatever_they_have_asked_for() -> None:
    turns = Turns()
    enter(turns, held("a1", 1), held("a2", 1), held("a3", 1), held("b1", 2))
    enter(turns, held("c1", 3), held("b2", 2))

    assert served(turns) == ["a1", "a2", "b1", "c1", "a3", "b2"]


def test_people_are_before_api_before_batch_before_background() -> None:
    turns = Turns()
    waiting = [held(f"rank {rank}", rank + 1, rank=rank) for rank in (3, 2, 1, 0)]
    enter(turns, held("first", 9), *waiting)

    assert served(turns) == ["first", "rank 0", "rank 1", "rank 2", "rank 3"]


def test_the_lowest_tier_comes_first_and_then_the_least_loaded_for_its_weight() -> None:
    turns = Turns()
    to = (Candidate(1, 9, tier=1), Candidate(2, 3, weight=2), Candidate(3, 1))

    states = enter(turns, *(held(f"t{number}", to=to) for number in range(5)))

    assert [each.backend for each in states] == [2, 2, 3, 2, 1]


def test_a_drained_server_takes_nobody() -> None:
    turns = Turns()

    (state,) = enter(turns, held("a", to=at(1, room=0)))

    assert state.backend is None


def test_who_waits_for_others_does_not_hold_up_who_could_be_served() -> None:
    turns = Turns()
    enter(turns, held("a", to=at(1)), held("b", to=at(2)), held("waits", 2, to=at(1)))
    enter(turns, held("other", 3, to=at(2)))

    turns.leave({"b": None}, now=0)

    assert turns.tickets["other"].backend == 2


def test_a_turn_that_nobody_else_waited_for_costs_no_place_in_the_rotation() -> None:
    turns = Turns()
    enter(turns, held("runs", 9), held("mine", 1), held("theirs", 2))

    enter(turns, held("elsewhere", 1, to=at(2)))
    turns.leave({"runs": None}, now=0)

    assert turns.tickets["mine"].backend == 1


def test_a_place_that_is_given_back_gives_its_turn_back() -> None:
    turns = Turns()
    enter(turns, held("runs", 9, to=at(1, 2)), held("also", 9, to=at(1, 2)))
    enter(turns, held("mine", 1, to=at(1, 2)), held("later", 2, to=at(2)))
    turns.leave({"runs": None}, now=0)
    enter(turns, held("latest", 3, to=at(1, 2)))

    (state,) = turns.act("pass_over", [held("mine", 1, to=at(2))], now=0)

    assert state.backend is None
    assert [each.ticket for each in turns.queue(now=0)] == ["mine", "later"]
    assert turns.tickets["latest"].backend == 1


def test_other_servers_may_be_waited_for() -> None:
    turns = Turns()
    enter(turns, held("runs"), held("mine", 2))

    (state,) = turns.act("reroute", [held("mine", 2, to=at(2))], now=0)

    assert state.backend == 2


def test_what_nobody_renews_is_given_up_and_lost() -> None:
    turns = Turns()
    enter(turns, held("runs"), held("waits", 2))
    turns.act("renew", [held("later", 3)], now=LEASE - 1)

    turns.queue(now=LEASE)

    assert turns.tickets["later"].backend == 1
    assert turns.lost(now=LEASE) == [
        Lost("runs", {"model": "qwen"}),
        Lost("waits", {"model": "qwen"}),
    ]


def test_who_left_and_wrote_nothing_is_lost_after_a_lease() -> None:
    turns = Turns()
    enter(turns, held("written"), held("never", 2))
    turns.leave({"written": {"tokens": 1}, "never": {"tokens": 2}}, now=1)

    turns.forget(["written"])

    assert turns.lost(now=LEASE) == []
    assert turns.lost(now=1 + LEASE) == [Lost("never", {"tokens": 2})]


def test_what_runs_is_put_in_again_beyond_the_room_and_is_lost_no_more() -> None:
    turns = Turns()
    (state,) = enter(turns, held("runs"))
    enter(turns, replace(held("next", 2)))
    turns.act("renew", [held("next", 2)], now=LEASE)
    running = replace(held("runs"), backend=1, stamp=state.stamp, since=state.since)

    turns.act("renew", [running], now=LEASE + 1)

    assert [each.backend for each in turns.everybody(now=LEASE + 1)] == [1, 1]
    assert turns.lost(now=LEASE + 1) == []


def test_the_latest_background_work_gives_way_to_a_person_and_no_more_than_needed() -> (
    None
):
    turns, two = Turns(), at(1, room=2)
    enter(turns, held("old", 1, rank=3, to=two))
    turns.act("enter", [held("new", 1, rank=2, to=two)], now=1)

    turns.act("enter", [held("person", 2, to=two)], now=2)

    assert turns.tickets["new"].called == Called(Call.YIELD)
    assert turns.tickets["old"].called is None
    assert turns.news == {"new"}


def test_background_work_gives_way_to_nobody_of_its_kind_and_not_while_drained() -> (
    None
):
    turns = Turns()
    enter(turns, held("old", 1, rank=2), held("batch", 2, rank=2))

    enter(turns, held("person", 3, to=at(1, room=0)))

    assert turns.tickets["old"].called is None


def test_who_has_as_many_in_as_they_may_is_refused_and_others_are_not() -> None:
    turns = Turns()
    mine = [held(f"mine {number}", most=2) for number in range(3)]

    states = turns.act("enter", [*mine, held("theirs", 2, most=2)], now=0)

    assert [each.called for each in states] == [None, None, Called(Call.REFUSED), None]
    assert set(turns.tickets) == {"mine 0", "mine 1", "theirs"}


def test_background_work_is_counted_for_nobody() -> None:
    turns = Turns()
    enter(turns, *(held(f"title {number}", rank=3) for number in range(3)))

    (state,) = enter(turns, held("mine", most=1))

    assert state.called is None


def test_who_comes_in_a_lot_is_served_as_if_each_had_come_alone() -> None:
    lot = [held("a1", 1), held("a2", 1), held("b", 2), held("c", 3)]
    alone, together = Turns(), Turns()

    enter(alone, *lot)
    together.act("enter", lot, now=0)

    assert served(together) == served(alone) == ["a1", "a2", "b", "c"]


def test_whoever_stops_a_ticket_is_told_whether_there_is_one() -> None:
    turns = Turns()
    enter(turns, held("runs"))

    assert turns.stop("runs", by=7, now=0)
    assert not turns.stop("other", by=7, now=0)
    assert turns.tickets["runs"].called == Called(Call.STOP, 7)


class Watch:
    """Turns of one rank, and for each person who waits how many turns each other one had,
    at servers that they wait for, since they began to wait or had a turn themselves."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.had: dict[int, Counter[int]] = {}
        self.order: list[str] = []

    def enter(self, ticket: Held) -> None:
        waiting = self._waiting()
        self.turns.act("enter", [ticket], now=0)
        self._note(waiting)

    def leave(self, pick: int) -> bool:
        running = sorted(self._running())
        if running:
            waiting = self._waiting()
            self.turns.leave({running[pick % len(running)]: None}, now=0)
            self._note(waiting)
        return bool(running)

    def _running(self) -> list[str]:
        return [each.ticket for each in self.turns.tickets.values() if each.backend]

    def _waiting(self) -> list[Waiting]:
        return self.turns.queue(now=0)

    def _note(self, waiting: list[Waiting]) -> None:
        """One step gives one place at the most."""
        for name in set(self._running()) - set(self.order):
            given = self.turns.tickets[name]
            self.order.append(name)
            self.had.pop(given.person, None)
            behind = {each.person for each in waiting if given.backend in each.backends}
            for other in behind - {given.person}:
                self.had.setdefault(other, Counter())[given.person] += 1

    @property
    def most(self) -> int:
        return max((max(each.values()) for each in self.had.values()), default=0)


wishes = st.tuples(
    st.integers(1, 4),
    st.sets(st.integers(1, 3), min_size=1).map(lambda each: at(*sorted(each))),
)


@given(st.lists(wishes | st.integers(0, 9), max_size=60))
def test_nobody_waits_for_more_than_one_turn_of_each_other_person(
    steps: list[tuple[int, tuple[Candidate, ...]] | int],
) -> None:
    watch = Watch()
    for number, step in enumerate(steps):
        if isinstance(step, int):
            watch.leave(step)
        else:
            watch.enter(held(f"t{number}", step[0], to=step[1]))

        assert watch.most <= 1


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), max_size=30))
def test_a_lower_rank_is_never_before_a_higher_one(
    wanted: list[tuple[int, int]],
) -> None:
    turns = Turns()
    enter(turns, held("first", 9))
    for number, (rank, person) in enumerate(wanted):
        enter(turns, held(f"{rank} {number}", person, rank=rank))

    order = served(turns)[1:]

    assert [each[0] for each in order] == sorted(each[0] for each in order)


def test_ten_people_take_turns_at_one_slot(caplog: pytest.LogCaptureFixture) -> None:
    """Three of them want five replies each, and came first; each other one wants one."""
    caplog.set_level(logging.INFO)
    watch = Watch()
    for person in range(1, 11):
        for number in range(5 if person <= 3 else 1):
            watch.enter(held(f"person {person}, reply {number + 1}", person))

    while watch.leave(0):
        assert watch.most <= 1
    log.info("One slot, ten people:\n%s", "\n".join(watch.order))

    first_ten = [each.split(",")[0] for each in watch.order[1:11]]
    assert sorted(first_ten) == sorted(f"person {each}" for each in range(1, 11))
    assert len(watch.order) == 22
