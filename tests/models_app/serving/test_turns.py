"""People take turns: what that promises, whoever asks for what in which order."""

import logging

from hypothesis import given
from hypothesis import strategies as some

from models_app.serving.slots.turns import Turns
from models_app.serving.slots.wishes import Candidate, Standing, Wish

log = logging.getLogger(__name__)

ONE_PLACE = (Candidate(1, 1),)


def wish(ticket: str, person: int, rank: int = 0) -> Wish:
    return Wish(ticket, person, rank, ONE_PLACE)


def enter(turns: Turns, *wishes: Wish) -> None:
    for each in wishes:
        turns.tend([(each, None)], now=0, seconds=10)


def running(turns: Turns) -> Wish | None:
    found = [e.wish for e in turns.tickets.values() if e.backend is not None]
    assert len(found) <= 1
    return found[0] if found else None


def served(turns: Turns) -> list[Wish]:
    """All that are in, in the order in which they get the one place."""
    order = []
    while (now := running(turns)) is not None:
        order.append(now)
        turns.leave(now.ticket, now=0)
    return order


crowds = some.lists(
    some.tuples(some.integers(1, 5), some.integers(0, 3)), min_size=1, max_size=25
).map(lambda asks: [wish(f"t{n}", p, r) for n, (p, r) in enumerate(asks)])


@given(crowds)
def test_everybody_is_served_once(crowd: list[Wish]) -> None:
    turns = Turns()
    enter(turns, *crowd)

    assert sorted(e.ticket for e in served(turns)) == sorted(e.ticket for e in crowd)


@given(crowds)
def test_nobody_waits_for_more_than_one_turn_of_each_other(crowd: list[Wish]) -> None:
    turns = Turns()
    enter(turns, *crowd)
    order = served(turns)[1:]  # the first one had not to wait

    for mine in {(each.rank, each.person) for each in order}:
        passed: list[int] = []
        for each in order:
            if (each.rank, each.person) == mine:
                assert len(passed) == len(set(passed))
                passed = []
            elif each.rank == mine[0]:
                passed.append(each.person)


@given(crowds)
def test_people_come_before_programs_and_programs_before_the_rest(
    crowd: list[Wish],
) -> None:
    turns = Turns()
    enter(turns, *crowd)
    ranks = [each.rank for each in served(turns)[1:]]

    assert ranks == sorted(ranks)


@given(crowds)
def test_whoever_waits_is_told_their_true_place_in_line(crowd: list[Wish]) -> None:
    turns = Turns()
    enter(turns, *crowd)
    told = {
        name: turns.standing(name).position
        for name, each in turns.tickets.items()
        if each.backend is None
    }
    order = [each.ticket for each in served(turns)][1:]

    assert told == {name: place for place, name in enumerate(order, start=1)}


def test_ten_people_against_one_place() -> None:
    """One wants twenty replies at once, the others one each."""
    turns = Turns()
    greedy = [wish(f"greedy-{n}", 1) for n in range(20)]
    others = [wish(f"person-{n}", n) for n in range(2, 11)]
    enter(turns, *greedy, *others)

    order = [each.ticket for each in served(turns)]

    log.info("served in this order: %s", ", ".join(order))
    assert order[:2] == ["greedy-0", "greedy-1"]
    assert order[2:11] == [each.ticket for each in others]
    assert order[11:] == [each.ticket for each in greedy[2:]]


def test_behind_two_others_one_is_third_in_line() -> None:
    turns = Turns()
    enter(turns, *(wish(f"t{n}", n) for n in range(4)))

    assert turns.standing("t3") == Standing(position=3, people=2)


def test_whoever_is_passed_on_comes_before_all_who_wait() -> None:
    turns = Turns()
    enter(turns, wish("first", 1), wish("second", 2), wish("third", 3))

    turns.pass_over("first", ONE_PLACE, now=0)

    assert [each.ticket for each in served(turns)] == ["first", "second", "third"]


def test_background_work_is_called_off_when_a_person_waits() -> None:
    turns = Turns()
    enter(turns, wish("titles", 1, rank=3))
    assert turns.tickets["titles"].called is None

    enter(turns, wish("person", 2))

    assert turns.tickets["titles"].called == 0


def test_a_batch_is_not_called_off_by_a_batch() -> None:
    turns = Turns()
    enter(turns, wish("one", 1, rank=2), wish("other", 2, rank=2))

    assert turns.tickets["one"].called is None


def test_a_place_is_free_once_its_lease_has_run_out() -> None:
    turns = Turns()
    enter(turns, wish("dead", 1))

    turns.tend([(wish("next", 2), None)], now=10, seconds=10)

    assert running(turns) == wish("next", 2)
    assert set(turns.lost) == {"dead"}


def test_of_two_servers_the_one_of_twice_the_weight_gets_twice_as_many() -> None:
    turns = Turns()
    both = (Candidate(1, 99, weight=1), Candidate(2, 99, weight=2))
    for number in range(30):
        turns.tend([(Wish(f"t{number}", 1, 0, both), None)], now=0, seconds=10)

    assert (turns.running(1), turns.running(2)) == (10, 20)


def test_a_server_that_has_the_model_loaded_is_filled_first() -> None:
    turns = Turns()
    both = (Candidate(1, 2, tier=1), Candidate(2, 2, tier=0))
    for number in range(3):
        turns.tend([(Wish(f"t{number}", 1, 0, both), None)], now=0, seconds=10)

    assert (turns.running(1), turns.running(2)) == (1, 2)
