"""What a card did: columns of numbers for a chart, with the least and most in each place."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import redis
from django.db.models import F, FloatField, Max, Min, Q, Sum
from django.db.models.functions import Cast

from dashboard.live.bus import link
from models_app.gpu_ring import MIB, NUMBERS, Reading, held, read_rings
from models_app.models import FiveMinutes, Gpu, TenSeconds

log = logging.getLogger(__name__)

UNITS = dict.fromkeys(NUMBERS, 0.1) | {"memory": float(MIB), "sm_clock": 1.0}
"""What a number of a bucket is worth in the unit that people read: %, bytes, °C, W, MHz."""

Triple = tuple[float, float, float]


class Span(StrEnum):
    QUARTER = "15m"
    HOUR = "1h"
    DAY = "1d"
    QUARTER_YEAR = "90d"


SECONDS = {
    Span.QUARTER: 900,
    Span.HOUR: 3_600,
    Span.DAY: 86_400,
    Span.QUARTER_YEAR: 90 * 86_400,
}
STEPS = {Span.QUARTER: 1, Span.HOUR: 3, Span.DAY: 60, Span.QUARTER_YEAR: 5_400}
"""So that no chart has more than 1,500 places."""


@dataclass(frozen=True, slots=True)
class Column:
    """One number over time; None where nothing is known, in all three."""

    avg: list[float | None]
    low: list[float | None]
    high: list[float | None]


@dataclass(frozen=True, slots=True)
class History:
    """A number each `step` seconds from `t0`, a multiple of it. Columns: util, controller
    and fan in %, memory in bytes, temperature and memory_temperature in °C, power in W,
    sm_clock in MHz."""

    t0: int
    step: int
    columns: dict[str, Column]


def history_of(gpu_pk: int, span: Span, now: float) -> History:
    """The card over that time up to now: from Redis where it goes back so far, and from
    the rows of the database where Redis has forgotten."""
    step = STEPS[span]
    count = SECONDS[span] // step
    t0 = int(now) // step * step - (count - 1) * step
    found = {name: _Places(count) for name in NUMBERS}
    known_from = t0 + count * step
    if span in (Span.QUARTER, Span.HOUR):
        readings = _ring(gpu_pk, since=t0, until=now + 1)
        known_from = int(readings[0].at) if readings else known_from
        _fill_from_readings(found, readings, t0=t0, step=step)
    tier = FiveMinutes if span is Span.QUARTER_YEAR else TenSeconds
    _fill_from_rows(found, tier, gpu_pk, t0=t0, step=step, until=known_from)
    columns = {name: places.column(UNITS[name]) for name, places in found.items()}
    return History(t0, step, columns)


class _Places:
    """What is known of one number, place by place."""

    def __init__(self, count: int) -> None:
        self.known: list[Triple | None] = [None] * count

    def put(self, where: range, triple: Triple) -> None:
        for place in where:
            if 0 <= place < len(self.known):
                self.known[place] = triple

    def column(self, unit: float) -> Column:
        def told(which: int) -> list[float | None]:
            return [t and round(t[which] * unit, 2) for t in self.known]

        return Column(avg=told(0), low=told(1), high=told(2))


def _fill_from_rows(
    found: dict[str, _Places],
    tier: type[TenSeconds] | type[FiveMinutes],
    gpu_pk: int,
    *,
    t0: int,
    step: int,
    until: int,
) -> None:
    """The database does the sums: ninety days are 26,000 rows."""
    wide = max(step, tier.STEP)
    rows = tier.objects.filter(gpu=gpu_pk, bucket__gt=t0 - wide, bucket__lt=until)
    sums: Any = rows.values(slot=F("bucket") / wide).annotate(**_aggregates())
    for row in sums:
        start = row["slot"] * wide
        first, end = (start - t0) // step, (min(start + wide, until) - t0) // step
        for name, places in found.items():
            if (n := row[f"{name}_n"]) is not None:
                average = row[f"{name}_sum"] / n
                triple = (average, row[f"{name}_low"], row[f"{name}_high"])
                places.put(range(first, max(end, first + 1)), triple)


def _aggregates() -> dict[str, Min | Max | Sum]:
    together: dict[str, Min | Max | Sum] = {}
    for name in NUMBERS:
        average = Cast(f"{name}_avg", FloatField())
        known = Q(**{f"{name}_avg__isnull": False})
        together[f"{name}_low"] = Min(f"{name}_min")
        together[f"{name}_high"] = Max(f"{name}_max")
        together[f"{name}_n"] = Sum("n", filter=known)
        together[f"{name}_sum"] = Sum(average * F("n"), output_field=FloatField())
    return together


def _ring(gpu_pk: int, *, since: float, until: float) -> list[Reading]:
    uuids = list(Gpu.objects.filter(pk=gpu_pk).values_list("uuid", flat=True))
    try:
        rings = read_rings(link(), uuids, since=since, until=until)
    except (redis.RedisError, OSError) as failure:
        log.warning("The last hour cannot be read: %s", failure)
        return []
    return [reading for readings in rings.values() for reading in readings]


def _fill_from_readings(
    found: dict[str, _Places], readings: Sequence[Reading], *, t0: int, step: int
) -> None:
    """A reading counts until the next; where there are several, all of them count."""
    count = len(next(iter(found.values())).known)
    at_place: list[list[Reading]] = [[] for _ in range(count)]
    for each in readings:
        place = (int(each.at) - t0) // step
        if 0 <= place < count:
            at_place[place].append(each)
    lasting = held(readings, t0=t0, count=count, step=step)
    for place, last in enumerate(lasting):
        there = at_place[place] or ([last] if last else [])
        for name, places in found.items():
            numbers = [n for each in there if (n := getattr(each, name)) is not None]
            if numbers:
                average = sum(numbers) / len(numbers)
                places.put(
                    range(place, place + 1), (average, min(numbers), max(numbers))
                )
