"""How fast replies are being written, as their tickets say."""

from hypothesis import given
from hypothesis import strategies as st

from models_app.serving.pace import STALE, Pace, pace_in, streamed_by
from models_app.serving.slots.wishes import Facts, TicketNow


def paced(*times: float) -> Pace:
    pace = Pace()
    for each in times:
        pace.count(each)
    return pace


def ticket(name: str, backend: int | None, facts: Facts) -> TicketNow:
    return TicketNow(name, 1, 0, backend, 0.0, facts)


@given(st.lists(st.floats(0.001, 0.9), min_size=2, max_size=200))
def test_it_is_told_once_a_second_at_most_and_counts_every_piece(
    pauses: list[float],
) -> None:
    pace, at, told = Pace(), 1000.0, []
    for pause in pauses:
        at += pause
        if pace.count(at):
            told.append(at)

    assert pace.written == len(pauses)
    assert len(told) <= sum(pauses)


def test_the_speed_is_that_of_late() -> None:
    slow = [1000.0, 1001.0, 1002.0]
    quick = [1002.0 + each / 20 for each in range(1, 21)]

    assert paced(*slow).speed == 1
    assert round(paced(*slow, *quick).speed) == 20


def test_old_news_and_nonsense_say_nothing_of_now() -> None:
    facts = paced(100.0, 102.0).facts()

    assert pace_in(facts, now=102.0) == 0.5
    assert pace_in(facts, now=102.1 + STALE) == 0
    assert pace_in({}, now=102.0) == 0
    assert pace_in({"pace": "fast", "paced_at": 102.0}, now=102.0) == 0


def test_what_a_server_writes_is_that_of_all_its_tickets() -> None:
    facts: Facts = {"pace": 20.0, "paced_at": 100.0, "written": 40}
    tickets = [
        ticket("a", 1, facts),
        ticket("b", 1, facts),
        ticket("c", 2, facts),
        ticket("d", None, {}),
        ticket("e", 1, {}),
    ]

    streamed = streamed_by(tickets, 1, now=101.0)

    assert streamed.speed == 40
    assert streamed.written == {"a": 40, "b": 40, "e": 0}
