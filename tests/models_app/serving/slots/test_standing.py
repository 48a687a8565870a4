"""What is told to those who wait comes true."""

from hypothesis import given
from hypothesis import strategies as st

from models_app.serving.slots.standing import standings
from models_app.serving.slots.turns import Turns
from models_app.serving.slots.wishes import Standing, Waiting
from tests.models_app.serving.slots.wishing import held

HERE, THERE = frozenset({1}), frozenset({2})


def test_everybody_of_a_higher_rank_is_before_you() -> None:
    told = standings(
        [
            Waiting("a", 1, 0, HERE),
            Waiting("b", 1, 0, HERE),
            Waiting("mine", 2, 3, HERE),
        ]
    )

    assert told["mine"] == Standing(position=3, people=1)


def test_other_people_count_once_for_each_of_your_turns() -> None:
    line = [("a1", 1), ("a2", 1), ("a3", 1), ("m1", 2), ("m2", 2), ("c1", 3)]
    told = standings([Waiting(ticket, person, 0, HERE) for ticket, person in line])

    assert told["m1"] == Standing(position=2, people=1)
    assert told["m2"] == Standing(position=5, people=2)
    assert told["a3"] == Standing(position=6, people=2)


def test_who_waits_for_another_server_is_not_before_you() -> None:
    told = standings([Waiting("a", 1, 0, THERE), Waiting("mine", 2, 0, HERE)])

    assert told["mine"] == Standing(position=1, people=0)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=20))
def test_the_positions_at_one_slot_are_the_order_in_which_it_is_given(
    wanted: list[tuple[int, int]],
) -> None:
    turns = Turns()
    turns.act("enter", [held("first", 9)], now=0)
    for number, (person, rank) in enumerate(wanted):
        turns.act("enter", [held(f"t{number}", person, rank=rank)], now=0)
    told = standings(turns.queue(now=0))

    order = sorted(told, key=lambda each: told[each].position)

    turns.leave({"first": None}, now=0)
    for ticket in order:
        assert turns.tickets[ticket].backend == 1
        turns.leave({ticket: None}, now=0)
