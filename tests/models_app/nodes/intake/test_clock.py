"""When a sample was taken, whatever the clock of its host says."""

import pytest

from models_app.nodes.intake.clock import NodeClock, Placed
from tests.models_app.nodes.intake.taking import BEGIN, sample_at


def placed(clock: NodeClock, at: float, *, off: float, **fields: float) -> Placed:
    sample = sample_at(at, sent_at=at + off, **{"mono": at, **fields})
    return clock.place(sample, received=at + fields.get("waited", 0))


@pytest.mark.parametrize("off", [-1.9, 0, 1.9])
def test_a_clock_that_is_off_by_less_than_two_seconds_counts(off: float) -> None:
    assert placed(NodeClock(), BEGIN, off=off).at == pytest.approx(BEGIN + off)


@pytest.mark.parametrize("off", [-3599, -37, 37, 3599])
def test_a_clock_that_is_off_by_more_is_corrected(off: float) -> None:
    one = placed(NodeClock(), BEGIN, off=off)

    assert one == Placed(at=BEGIN, offset=-off)


@pytest.mark.parametrize("off", [-3601, 3601, 1e9])
def test_of_a_hopeless_clock_nothing_counts(off: float) -> None:
    assert placed(NodeClock(), BEGIN, off=off).at == BEGIN


def test_a_sample_that_waited_does_not_move_the_clock() -> None:
    clock = NodeClock()
    placed(clock, BEGIN, off=-37)

    waited = clock.place(sample_at(BEGIN + 1, sent_at=BEGIN - 36), received=BEGIN + 20)

    assert waited == Placed(at=BEGIN + 1, offset=37)


def test_the_least_of_the_last_five_minutes_counts() -> None:
    clock = NodeClock()
    clock.remember(sample_at(BEGIN), received=BEGIN, offset=3)

    for each in range(10, 400, 10):
        clock.place(sample_at(BEGIN + each), received=BEGIN + each + 30)

    assert clock.offset == 30


@pytest.mark.parametrize("to", [-37, 37])
def test_a_clock_that_was_set_begins_anew_with_our_time(to: float) -> None:
    clock = NodeClock()
    placed(clock, BEGIN, off=-to)

    set_now = placed(clock, BEGIN + 10, off=to)
    after = placed(clock, BEGIN + 11, off=to)

    assert set_now == Placed(BEGIN + 10, offset=-to)
    assert after == Placed(BEGIN + 11, offset=-to)
