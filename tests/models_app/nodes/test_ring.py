"""For how long a reading of a card counts."""

import pytest

from models_app.nodes.ring import Reading, held

BEGIN = 1_800_000_000


def reading(at: float, interval: float) -> Reading:
    numbers = dict.fromkeys(Reading._fields[4:])
    return Reading(BEGIN + at, interval, energy=None, throttle=0, **numbers)


def gaps(*readings: Reading, seconds: int = 100) -> list[int]:
    """The seconds that nothing is known of."""
    places = held(readings, t0=BEGIN, count=seconds)
    return [at for at, each in enumerate(places) if each is None]


@pytest.mark.parametrize(("before", "after"), [(1, 10), (10, 1), (10, 10)])
def test_a_host_that_samples_seldom_has_no_gaps(before: float, after: float) -> None:
    assert not gaps(reading(0, before), reading(10.9, after), seconds=12)


def test_a_host_that_misses_a_sample_was_not_away() -> None:
    assert not gaps(reading(0, 1), reading(4.9, 1), seconds=6)


@pytest.mark.parametrize(("before", "until_late"), [(1, 5), (10, 30)])
@pytest.mark.parametrize("after", [1, 10])
def test_a_host_that_was_away_shows_a_gap_from_when_it_was_late(
    before: float, until_late: int, after: float
) -> None:
    there = reading(0, before), reading(60, after)

    assert gaps(*there, seconds=61) == list(range(until_late, 60))


def test_the_last_reading_counts_until_its_host_is_late() -> None:
    assert gaps(reading(0, 1), seconds=10) == [5, 6, 7, 8, 9]
