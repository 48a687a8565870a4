"""What the readings of a card come to in a stretch of time; no database and no clock."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from models_app.nodes.ring import NUMBERS, Reading

MOST_WATTS = 2_000.0
"""No card draws as much: what a counter says beyond this is nonsense, and not counted."""
BRIDGED = 3.0
"""Intervals without a sample over which power is still taken for known."""
AGREE = (0.8, 1.25)
"""The counter against power over time; outside, the counter is not believed."""
ENOUGH_SECONDS, ENOUGH_JOULES = 60.0, 60.0
"""What both must have seen before they are compared."""

Pair = tuple[Reading, Reading]
Values = dict[str, Any]


def bucket_values(
    readings: Sequence[Reading], *, start: int, step: int, counter: bool = True
) -> Values | None:
    """The columns of the bucket at `start`; None where nothing was read in it.

    `readings` are in order and reach over both ends, because energy is what lies between
    two of them. `counter`: whether the card's own is believed.
    """
    end = start + step
    inside = [each for each in readings if start <= each.at < end]
    if not inside:
        return None
    values: Values = {"n": len(inside), "throttle": 0}
    for each in inside:
        values["throttle"] |= each.throttle
    for name in NUMBERS:
        known = [v for each in inside if (v := getattr(each, name)) is not None]
        values[f"{name}_avg"] = round(sum(known) / len(known)) if known else None
        values[f"{name}_min"] = min(known, default=None)
        values[f"{name}_max"] = max(known, default=None)
    since = _counted_until(readings, start, step)
    energy, measured = energy_between(readings, since, end, counter=counter)
    values["energy"] = None if energy is None else round(energy)
    values["energy_is_measured"] = measured
    return values


def _counted_until(readings: Sequence[Reading], start: int, step: int) -> int:
    """Where the energy of earlier buckets ends: one without a reading has no row, and what
    was used in it counts in the next that has."""
    before = [each.at for each in readings if each.at < start]
    return (int(before[-1]) // step + 1) * step if before else start


def energy_between(
    readings: Sequence[Reading], start: float, end: float, *, counter: bool = True
) -> tuple[float | None, bool]:
    """Joules used in that time, and whether a counter said so all the while.

    Across a gap, or readings that tell nothing, only a counter knows, and only how much:
    what power does not tell counts when the counter is heard again. None where nothing
    tells.
    """
    total: float | None = None
    measured = True
    for stretch in _stretches(readings) if counter else [readings]:
        for joules, is_counted in _told(stretch, start, end, counter=counter):
            total = (total or 0.0) + joules
            measured = measured and is_counted
    return total, measured


def _stretches(readings: Sequence[Reading]) -> Iterator[Sequence[Reading]]:
    """From each reading that has the counter to the next that has it, both included;
    before the first and after the last there is none."""
    first = 0
    for place, each in enumerate(readings):
        if each.energy is not None and place:
            yield readings[first : place + 1]
            first = place
    yield readings[first:]


def _told(
    stretch: Sequence[Reading], start: float, end: float, *, counter: bool
) -> Iterator[tuple[float, bool]]:
    """Joules that fall into that time, and whether they are the counter's."""
    if len(stretch) < 2 or stretch[0].at >= end or stretch[-1].at < start:
        return
    ends = one, two = stretch[0], stretch[-1]
    gained = _gained(ends) if counter else None
    is_joined = len(stretch) == 2 and _is_bridged(one, two)
    if gained is not None and (is_joined or (start <= one.at and two.at < end)):
        if two.at > start:
            yield _share(ends, gained, start, end), True
        return
    for pair in _pairs(stretch, start, end):
        if (drawn := _integrated(pair, start, end)) is not None:
            yield drawn, False
    # The rows before are written already: by power, or as unknown.
    if gained is not None and start <= two.at < end:
        yield max(gained - _drawn(stretch), 0.0), True


def counter_is_sound(readings: Sequence[Reading]) -> bool:
    """Whether the counter agrees with power over time, where both are known."""
    counted = integrated = seconds = 0.0
    for pair in itertools.pairwise(readings):
        one, two = pair
        said = _counted(pair, one.at, two.at)
        drawn = _integrated(pair, one.at, two.at)
        if said is not None and drawn is not None:
            counted, integrated = counted + said, integrated + drawn
            seconds += two.at - one.at
    if seconds < ENOUGH_SECONDS or max(counted, integrated) < ENOUGH_JOULES:
        return True
    low, high = AGREE
    return low * integrated <= counted <= high * integrated


def _pairs(readings: Sequence[Reading], start: float, end: float) -> Iterator[Pair]:
    for one, two in itertools.pairwise(readings):
        if one.at < end and two.at > start:
            yield one, two


def _is_bridged(one: Reading, two: Reading) -> bool:
    return two.at - one.at <= BRIDGED * max(one.interval, two.interval)


def _counted(pair: Pair, start: float, end: float) -> float | None:
    gained = _gained(pair)
    return None if gained is None else _share(pair, gained, start, end)


def _gained(pair: Pair) -> float | None:
    """What the counter says was used between the two; None where that is nonsense."""
    one, two = pair
    if one.energy is None or two.energy is None:
        return None
    # It began anew with the driver: what it says is what was used since.
    gained = two.energy - one.energy if two.energy >= one.energy else two.energy
    return gained if gained <= MOST_WATTS * (two.at - one.at) else None


def _share(pair: Pair, gained: float, start: float, end: float) -> float:
    """The part of it that falls into that time, as if it had come evenly."""
    one, two = pair
    return gained * (min(two.at, end) - max(one.at, start)) / (two.at - one.at)


def _drawn(stretch: Sequence[Reading]) -> float:
    """Joules that power tells of all that time."""
    pairs = itertools.pairwise(stretch)
    return sum(_integrated((one, two), one.at, two.at) or 0.0 for one, two in pairs)


def _integrated(pair: Pair, start: float, end: float) -> float | None:
    one, two = pair
    if one.power is None or two.power is None or not _is_bridged(one, two):
        return None
    first, last = max(one.at, start), min(two.at, end)
    slope = (two.power - one.power) / (two.at - one.at)
    middle = one.power + slope * ((first + last) / 2 - one.at)
    return middle / 10 * (last - first)
