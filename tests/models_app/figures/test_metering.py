"""Speeds and waits out of what meters showed at two moments."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.figures.metering import (
    APART,
    WINDOW,
    Reading,
    Streamed,
    gained,
    increase,
    kept,
    quantile,
    reading_of,
    speed_beside,
    tokens_per_second,
    with_owed,
)

COUNTS = st.floats(0, 1e9)
BOUNDS = (0.01, 0.1, 1.0, 10.0, inf)


def counted(*waits: float) -> dict[float, float]:
    """A histogram of these seconds, as a server counts it."""
    return {bound: sum(each <= bound for each in waits) for bound in BOUNDS}


@given(before=COUNTS, more=COUNTS, seconds=st.floats(0.1, 1e4))
def test_a_speed_is_what_was_added_over_the_time(
    before: float, more: float, seconds: float
) -> None:
    old = Reading(100, {"0": before})
    new = Reading(100 + seconds, {"0": before + more})

    speed = tokens_per_second(old, new)

    assert speed == pytest.approx(more / seconds, rel=1e-3, abs=1e-3)


@given(before=COUNTS, now=COUNTS)
def test_nothing_is_ever_written_back(before: float, now: float) -> None:
    assert 0 <= increase(before, now) <= max(now, 0)


def speeds(*shown: tuple[float, Streamed]) -> list[float | None]:
    """What is told at each of these looks but the first, two seconds apart: what the
    counter of one engine showed, and what came to us."""
    before, told = None, []
    for i, (counter, streamed) in enumerate(shown):
        now = Reading(100.0 + 2 * i, {"0": counter}, written=streamed.written)
        if before:
            told.append(speed_beside(before, now, streamed))
            now = with_owed(before, now)
        before = now
    return told


def ours(written: int, speed: float = 20, ticket: str = "a") -> Streamed:
    return Streamed(speed, {ticket: written})


NONE = Streamed()


def test_a_counter_that_moves_when_a_reply_ends_counts_nothing_twice() -> None:
    told = speeds(
        (0, NONE),
        (0, ours(30)),
        (0, ours(70)),
        (0, ours(110)),
        (116, NONE),
        (116, NONE),
    )

    assert told == [20, 20, 20, 3, 0]


def test_a_counter_that_moves_on_tells_what_others_have_written_beside() -> None:
    told = speeds((0, ours(0)), (100, ours(40)), (200, ours(80)), (240, ours(120)))

    assert told == [20 + 30, 20 + 30, 20]


def test_without_a_reply_of_ours_the_counter_alone_tells() -> None:
    assert speeds((0, NONE), (50, NONE), (50, NONE)) == [25, 0]


def test_a_reply_that_was_never_counted_hides_nothing_that_comes_later() -> None:
    told = speeds((0, ours(0)), (0, ours(40)), (0, NONE), (0, NONE), (50, NONE))

    assert told == [20, 0, 0, 25]


def test_what_was_counted_for_one_reply_is_still_owed_for_the_other() -> None:
    both = Streamed(40, {"a": 40, "b": 40})

    told = speeds((0, NONE), (0, both), (40, ours(80, ticket="b")), (120, NONE))

    assert told == [40, 20, 0]


def test_one_engine_that_began_anew_takes_nothing_from_the_others() -> None:
    old = Reading(0, {"a": 1000, "b": 500})
    new = Reading(10, {"a": 1100, "b": 50})

    assert tokens_per_second(old, new) == 15


def test_an_engine_that_is_new_says_nothing_of_its_speed_yet() -> None:
    assert tokens_per_second(Reading(0, {}), Reading(10, {"a": 900})) is None
    both = Reading(10, {"a": 900, "b": 10})
    assert tokens_per_second(Reading(0, {"b": 0}), both) == 1


@pytest.mark.parametrize("seconds", [0, -5])
def test_a_clock_that_stood_still_or_was_put_back_gives_no_speed(
    seconds: float,
) -> None:
    old, new = Reading(100, {"a": 1}), Reading(100 + seconds, {"a": 2})

    assert tokens_per_second(old, new) is None


@given(st.lists(st.floats(0, 9.9), min_size=1), st.floats(0, 1))
def test_a_quantile_lies_in_the_bucket_that_the_true_one_lies_in(
    waits: list[float], share: float
) -> None:
    found = quantile(share, counted(*waits))

    rank = max(-(-share * len(waits) // 1), 1)
    true = sorted(waits)[int(min(rank, len(waits))) - 1]
    edges = [0.0, *BOUNDS]
    low, high = next((a, b) for a, b in pairwise(edges) if true <= b)
    assert found is not None
    assert low <= found <= high


@given(st.lists(st.floats(0, 100), min_size=1))
def test_quantiles_never_fall(waits: list[float]) -> None:
    found = [quantile(share / 10, counted(*waits)) or 0 for share in range(11)]

    assert found == sorted(found)


def test_it_is_reckoned_evenly_within_a_bucket() -> None:
    assert quantile(0.5, {1.0: 0, 2.0: 10, inf: 10}) == 1.5
    assert quantile(0.95, {1.0: 10, 2.0: 20, inf: 20}) == pytest.approx(1.9)


def test_beyond_the_last_bound_that_bound_is_told() -> None:
    assert quantile(0.95, counted(20, 30, 40)) == 10.0
    assert quantile(0.5, {inf: 3}) is None


@pytest.mark.parametrize("buckets", [{}, {1.0: 0, inf: 0}])
def test_of_nothing_there_is_no_quantile(buckets: dict[float, float]) -> None:
    assert quantile(0.5, buckets) is None


def test_only_what_came_between_two_readings_counts() -> None:
    old = reading_of(0, {}, {"a": counted(0.05, 0.05)})
    new = reading_of(60, {}, {"a": counted(0.05, 0.05, 5, 5)})

    assert gained(old, new) == counted(5, 5)


def test_a_histogram_that_began_anew_counts_whole_beside_one_that_did_not() -> None:
    old = reading_of(0, {}, {"a": counted(1, 1, 1), "b": counted(1)})
    new = reading_of(60, {}, {"a": counted(5), "b": counted(1, 0.05)})

    assert gained(old, new) == counted(5, 0.05)


@given(st.lists(st.floats(1.5, 40), max_size=400))
def test_what_is_kept_reaches_back_over_the_window_and_stays_short(
    pauses: list[float],
) -> None:
    at = 1000.0
    readings: tuple[Reading, ...] = (Reading(at),)
    for pause in pauses:
        at += pause
        readings = kept(readings, Reading(at))

    assert len(readings) <= (WINDOW + APART) / APART + 3
    assert readings[-1].at == at
    assert at - readings[0].at <= WINDOW + APART
    if at - 1000 > WINDOW + 2 * APART + 40:
        assert at - readings[0].at >= WINDOW - APART - 40
    assert [*readings] == sorted(readings, key=lambda each: each.at)


def test_readings_of_a_clock_that_was_put_back_are_let_go() -> None:
    assert kept((Reading(5000), Reading(5002)), Reading(100)) == (Reading(100),)
