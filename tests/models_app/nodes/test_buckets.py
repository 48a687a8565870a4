"""What readings come to: least, most and average, and energy."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Card
from models_app.models import FiveMinutes, TenSeconds
from models_app.nodes.buckets import bucket_values, counter_is_sound, energy_between
from models_app.nodes.ring import Reading, pack, unpack
from models_app.nodes.rollup import merged
from tests.make import make_card

START = 1_800_000_000


def reading(at: float, watts: float | None = 100, **fields: object) -> Reading:
    """One of a second, `at` seconds from the start; without power where that is None."""
    values = {} if watts is None else {Metric.POWER: watts}
    if (joules := fields.get("joules")) is not None:
        values[Metric.ENERGY] = float(str(joules))
    card = make_card(values=values)
    if watts is None:
        del card.values[Metric.POWER]
    every = float(str(fields.get("interval", 1)))
    slot = pack(card, at=START + at, interval=every)
    return unpack(slot, since=0, until=math.inf)[0]


def square(at: float) -> tuple[float, float]:
    """Watts and joules of a card that draws 450 W for 12 s, then 50 W for 8 s."""
    whole, rest = divmod(at, 20)
    joules = whole * (450 * 12 + 50 * 8) + 450 * min(rest, 12) + 50 * max(rest - 12, 0)
    return (450.0 if rest < 12 else 50.0), joules


def test_a_slot_says_what_the_card_said() -> None:
    one = reading(1.25, watts=437.4, joules=1234.5)

    assert (one.at, one.interval, one.power, one.energy) == (
        START + 1.25,
        1.0,
        4374,
        1234.5,
    )
    assert (one.memory, one.util, one.fan, one.sm_clock) == (8192, 400, None, None)


def test_a_stretch_without_a_reading_has_no_bucket() -> None:
    assert bucket_values([reading(12)], start=START, step=10) is None


def test_a_bucket_keeps_least_most_and_average() -> None:
    readings = [reading(at, watts=at * 10) for at in range(10)]

    values = bucket_values(readings, start=START, step=10)

    assert values is not None
    assert (values["n"], values["power_min"], values["power_max"]) == (10, 0, 900)
    assert (values["power_avg"], values["fan_avg"]) == (450, None)


@pytest.mark.parametrize(("counter", "interval"), [(True, 1), (True, 10), (False, 1)])
def test_the_energy_of_buckets_adds_up_to_what_was_used(
    counter: bool, interval: int
) -> None:
    readings = []
    for at in range(0, 1201, interval):
        moment = at + at * 0.37 % 0.1
        watts, joules = square(moment)
        readings.append(reading(moment, watts=watts, joules=joules, interval=interval))

    parts = [
        bucket_values(readings, start=START + at, step=10, counter=counter)
        for at in range(0, 1200, 10)
    ]

    total = sum(part["energy"] for part in parts if part)
    assert total == pytest.approx(square(1200)[1], rel=0.01)
    assert all(part and part["energy_is_measured"] is counter for part in parts)


def test_a_counter_that_began_anew_counts_from_nought() -> None:
    readings = [reading(0, joules=9_000), reading(1, joules=60), reading(2, joules=160)]

    assert energy_between(readings, START, START + 10) == (160, True)


def test_nothing_that_no_card_can_draw_is_counted() -> None:
    readings = [reading(0, joules=0), reading(1, joules=2_001)]

    assert energy_between(readings, START, START + 10) == (100.0, False)


@pytest.mark.parametrize("joules", [(0, 1e9), (2e9, 1e9)])
def test_a_counter_that_jumps_over_a_gap_is_not_counted(
    joules: tuple[float, float],
) -> None:
    before, after = joules
    readings = [reading(0, joules=before), reading(501, joules=after)]

    assert energy_between(readings, START, START + 600) == (None, True)


def test_power_is_not_bridged_over_a_gap() -> None:
    readings = [reading(0), reading(1), reading(8), reading(9)]

    assert energy_between(readings, START, START + 10) == (200.0, False)


def test_a_counter_knows_what_was_used_in_a_gap() -> None:
    readings = [reading(0, joules=0), reading(1, joules=100), reading(501, joules=5e4)]

    first = bucket_values(readings, start=START, step=10)
    last = bucket_values(readings, start=START + 500, step=10)

    assert first is not None
    assert last is not None
    assert (first["energy"], last["energy"]) == (100, 49_900)


def test_a_bucket_that_has_no_sample_leaves_its_energy_to_the_next() -> None:
    readings = [reading(at, joules=at * 100, interval=10) for at in (9, 20, 29)]

    energies = [
        values["energy"]
        for at in range(0, 30, 10)
        if (values := bucket_values(readings, start=START + at, step=10))
    ]

    assert energies == [100, 1_900]


def test_a_counter_is_joined_across_a_reading_that_tells_nothing() -> None:
    readings = [reading(0, joules=0), reading(1, watts=None), reading(2, joules=300)]

    assert energy_between(readings, START, START + 10) == (300.0, True)


def test_a_hole_in_the_counter_counts_where_the_counter_is_told_again() -> None:
    hole = [reading(at, watts=None) for at in range(10, 30)]
    readings = [reading(9, joules=900), *hole, reading(30, joules=3_000)]

    energies = [
        energy_between(readings, START + at, START + at + 10) for at in (0, 10, 20, 30)
    ]

    assert energies == [(None, True), (None, True), (None, True), (2_100.0, True)]


def test_what_power_told_in_a_hole_is_not_counted_again_and_was_not_measured() -> None:
    hole = [reading(at, watts=80) for at in range(10, 30)]
    readings = [reading(9, 80, joules=900), *hole, reading(30, 80, joules=3_000)]

    first = energy_between(readings, START + 10, START + 20)
    last = energy_between(readings, START + 30, START + 40)

    assert first == (800.0, False)
    assert last == (2_100.0 - 21 * 80, True)


def test_of_a_counter_that_fell_in_a_hole_only_what_it_says_now_counts() -> None:
    readings = [reading(0, joules=9e3), reading(1, watts=None), reading(2, joules=60)]

    assert energy_between(readings, START, START + 10) == (60.0, True)


@given(st.dictionaries(st.integers(1, 98), st.sampled_from(["counter", "both", "all"])))
def test_whatever_lacks_in_between_what_the_counter_gained_is_counted(
    lacking: dict[int, str],
) -> None:
    """Each bucket is summed up with what is known when it closes."""
    readings = [
        reading(
            at,
            watts=None if lacking.get(at) == "both" else 90,
            joules=None if at in lacking else at * 100,
        )
        for at in range(100)
        if lacking.get(at) != "all"
    ]

    total = 0.0
    for start in range(START, START + 100, 10):
        known = [each for each in readings if each.at < start + 25]
        values = bucket_values(known, start=start, step=10)
        total += (values and values["energy"]) or 0

    assert total == pytest.approx(9_900, abs=5)


def test_of_a_card_that_tells_no_power_energy_is_unknown() -> None:
    card = make_card(values={})
    del card.values[Metric.POWER]
    slots = b"".join(pack(card, at=START + at, interval=1) for at in range(3))

    values = bucket_values(unpack(slots, since=0, until=math.inf), start=START, step=10)

    assert values is not None
    assert values["energy"] is None


@pytest.mark.parametrize(
    ("share", "is_sound"), [(0.5, False), (0.9, True), (1.2, True), (1.3, False)]
)
def test_a_counter_is_held_against_power(share: float, is_sound: bool) -> None:
    readings = [reading(at, watts=100, joules=at * 100 * share) for at in range(600)]

    assert counter_is_sound(readings) is is_sound


def test_a_counter_is_not_judged_by_a_moment() -> None:
    assert counter_is_sound([reading(0, joules=0), reading(1, joules=900)])


numbers = st.integers(0, 100)


@given(st.dictionaries(st.integers(0, 299), numbers, min_size=1), st.randoms())
def test_however_readings_come_the_rows_are_the_same(
    utils: dict[int, int], rng: random.Random
) -> None:
    told = [
        (at, pack(card_with(util), at=START + at, interval=1))
        for at, util in utils.items()
    ]
    doubled = told + rng.sample(told, len(told) // 2)
    rng.shuffle(doubled)

    first, second = rolled(told), rolled(doubled)

    assert first == second
    assert first["util_min"] == min(utils.values()) * 10
    assert first["util_max"] == max(utils.values()) * 10
    exact = sum(utils.values()) * 10 / len(utils)
    assert abs(first["util_avg"] - exact) <= 1
    assert first["n"] == len(utils)


def card_with(util: int) -> Card:
    return make_card(values={Metric.UTIL: float(util)})


def rolled(told: list[tuple[int, bytes]]) -> dict[str, int]:
    """By way of a ring and ten seconds up to five minutes."""
    ring = b"".join(slot for _at, slot in sorted(dict(told).items()))
    readings = unpack(ring, since=0, until=math.inf)
    starts = range(START, START + 300, 10)
    found = [bucket_values(readings, start=start, step=10) for start in starts]
    rows = [TenSeconds(bucket=0, **values) for values in found if values]
    return merged(rows)


def test_five_minutes_have_every_column_of_their_parts() -> None:
    values = merged([TenSeconds(bucket=0, n=1)])

    names = {field.name for field in FiveMinutes._meta.concrete_fields}
    assert set(values) == names - {"id", "gpu", "bucket"}
