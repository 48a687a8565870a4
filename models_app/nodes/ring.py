"""The last hour of each card in Redis: a ring of slots, one a second, packed.

A slot carries its own time, so that a stale one shows. Numbers stand in it in the units of
`GpuBucket`: tenths, MiB, MHz. A card costs 137 KB.
"""

import itertools
import math
import struct
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import redis

from models_app.gpu.keys import ring_key
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Card
from models_app.nodes.states import late_after

SLOTS = 3600
KEPT = 2 * SLOTS
"""Seconds that a ring outlives the last sample in it."""
AHEAD = 5
"""Seconds that a sample may be ahead of our clock."""

MIB = 2**20
NUMBERS: dict[str, tuple[Metric, str, float]] = {
    "memory": (Metric.MEMORY_USED, "I", 1 / MIB),
    "util": (Metric.UTIL, "H", 10),
    "controller": (Metric.CONTROLLER, "H", 10),
    "temperature": (Metric.TEMPERATURE, "h", 10),
    "memory_temperature": (Metric.MEMORY_TEMPERATURE, "h", 10),
    "power": (Metric.POWER, "H", 10),
    "sm_clock": (Metric.SM_CLOCK, "H", 1),
    "fan": (Metric.FAN, "H", 10),
}
"""Each number of a slot: what it is of a card, how it is packed, and how often it goes
into its unit there."""
LACKING = {"I": 2**32 - 1, "H": 2**16 - 1, "h": -(2**15)}
_lacking = tuple(LACKING[form] for _, form, _ in NUMBERS.values())
_scales = tuple((metric, scale) for metric, _, scale in NUMBERS.values())
# Seconds, milliseconds, tenths of the interval, joules, throttle bits, then the numbers.
SLOT = struct.Struct("<IHHdI" + "".join(form for _, form, _ in NUMBERS.values()))


class Reading(NamedTuple):
    """What a card was at one moment, in the units of `GpuBucket`."""

    at: float
    interval: float
    energy: float | None
    throttle: int
    memory: int | None
    util: int | None
    controller: int | None
    temperature: int | None
    memory_temperature: int | None
    power: int | None
    sm_clock: int | None
    fan: int | None


def pack(card: Card, *, at: float, interval: float) -> bytes:
    """The card as a slot."""
    numbers = (
        none if (value := card.value(metric)) is None else round(value * scale)
        for (metric, scale), none in zip(_scales, _lacking, strict=True)
    )
    energy = card.value(Metric.ENERGY)
    return SLOT.pack(
        int(at),
        int(at % 1 * 1000),
        round(interval * 10),
        math.nan if energy is None else energy,
        int(card.value(Metric.THROTTLE) or 0) & 0xFFFFFFFF,
        *numbers,
    )


def keep_reading(
    together: "redis.client.Pipeline", uuid: str, slot: bytes, *, at: float
) -> None:
    together.setrange(ring_key(uuid), int(at) % SLOTS * SLOT.size, slot)


def keep_ring(together: "redis.client.Pipeline", uuid: str) -> None:
    """Have the ring outlive this moment; once a minute is enough."""
    together.expire(ring_key(uuid), KEPT)


def fits_ring(at: float, *, now: float) -> bool:
    """Whether a slot of that time would not take the place of a newer one."""
    return now - SLOTS < at < now + AHEAD


def read_rings(
    link: redis.Redis, uuids: Sequence[str], *, since: float, until: float
) -> dict[str, list[Reading]]:
    """What each card was from `since` on, before `until`, in order; at most an hour."""
    first, last = max(int(since), int(until) - SLOTS + 1), math.ceil(until) - 1
    stretches = _stretches(first, last)
    with link.pipeline(transaction=False) as together:
        for uuid in uuids:
            for start, end in stretches:
                together.getrange(ring_key(uuid), start, end)
        parts = together.execute() if uuids else []
    each = len(stretches)
    found = (b"".join(parts[i : i + each]) for i in range(0, len(parts), each))
    return {
        uuid: unpack(ring, since=since, until=until)
        for uuid, ring in zip(uuids, found, strict=True)
    }


def seconds_read(
    link: redis.Redis, uuid: str, *, since: float, until: float
) -> set[int]:
    """The seconds of that time that have a reading; cheaper than all of these."""
    ring: Any = link.get(ring_key(uuid)) or b""
    whole = len(ring) - len(ring) % SLOT.size
    seconds = {slot[0] for slot in SLOT.iter_unpack(ring[:whole])}
    return {second for second in seconds if since <= second < until}


def unpack(ring: bytes, *, since: float, until: float) -> list[Reading]:
    """The readings of that time; what is older stands in slots that nothing replaced."""
    whole = len(ring) - len(ring) % SLOT.size
    slots = SLOT.iter_unpack(ring[:whole])
    # The second and its milliseconds are the first two.
    fit = (slot for slot in slots if since <= slot[0] + slot[1] / 1000 < until)
    return sorted(map(_reading, fit))


def _reading(slot: tuple[int | float, ...]) -> Reading:
    second, thousandths, tenths, energy, throttle, *numbers = slot
    return Reading(
        second + thousandths / 1000,
        tenths / 10,
        None if math.isnan(energy) else energy,
        int(throttle),
        *(
            None if number == none else int(number)
            for number, none in zip(numbers, _lacking, strict=True)
        ),
    )


def _stretches(first: int, last: int) -> list[tuple[int, int]]:
    """The bytes of these seconds, first and last included: in two parts over the seam."""
    start, end = first % SLOTS, last % SLOTS
    parts: Iterable[tuple[int, int]] = (
        [(start, end)] if start <= end else [(start, SLOTS - 1), (0, end)]
    )
    return [(one * SLOT.size, (two + 1) * SLOT.size - 1) for one, two in parts]


def held(
    readings: Sequence[Reading], *, t0: int, count: int, step: int = 1
) -> list[Reading | None]:
    """The reading that counts at each of `count` places, None where there is a gap.

    One is good until the next, but no longer than until its host was late.
    """
    places: list[Reading | None] = [None] * count
    for each, following in itertools.zip_longest(readings, readings[1:]):
        first = (int(each.at) - t0) // step
        good_for = max(1, math.ceil(_good_for(each, following) / step))
        for place in range(max(first, 0), min(first + good_for, count)):
            places[place] = each
    return places


def _good_for(one: Reading, following: Reading | None) -> float:
    """Seconds. That nobody watches any more, and the host therefore takes longer, is told
    by the next reading alone."""
    if following is not None:
        passed = following.at - one.at
        if passed < late_after(following.interval):
            return passed
    return late_after(one.interval)
