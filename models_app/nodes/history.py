"""What a card did: columns of numbers for a chart, with the least and most in each place."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import F, FloatField, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Cast

from dashboard.live.glance import glance
from models_app.models import FiveMinutes, Gpu, TenSeconds
from models_app.nodes.ring import MIB, NUMBERS, Reading, held, read_rings

PARTS = dict.fromkeys(NUMBERS, 10.0) | {"memory": 1 / MIB, "sm_clock": 1.0}
"""How often a number of a bucket goes into the unit that people read: %, bytes, °C, W,
MHz."""

Tier = type[TenSeconds] | type[FiveMinutes]


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
LEAST = 30
"""Places that a chart of a card has that was heard of just now."""


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
    the rows of the database where Redis has forgotten. Ninety days begin with the first
    that is known, in shorter steps where that was not long ago."""
    step, count = STEPS[span], SECONDS[span] // STEPS[span]
    if span is Span.QUARTER_YEAR:
        step, count = _since_first(gpu_pk, int(now), step=step, count=count)
    t0 = int(now) // step * step - (count - 1) * step
    found = {name: _unknown(count) for name in NUMBERS}
    readings: list[Reading] = []
    if span in (Span.QUARTER, Span.HOUR):
        readings = _ring(gpu_pk, since=t0, until=now + 1)
    known_from = int(readings[0].at) if readings else t0 + count * step
    tier = FiveMinutes if span is Span.QUARTER_YEAR else TenSeconds
    _fill_from_rows(found, tier, gpu_pk, t0=t0, step=step, until=known_from)
    if readings:
        _fill_from_readings(found, readings, t0=t0, step=step)
    return History(t0, step, found)


def _since_first(gpu_pk: int, now: int, *, step: int, count: int) -> tuple[int, int]:
    """The step and the places of as long as the card is known of, at most of these."""
    rows = FiveMinutes.objects.filter(gpu=gpu_pk, bucket__gt=now - step * count)
    first = rows.aggregate(first=Min("bucket"))["first"]
    if first is None:
        return step, count
    fine = FiveMinutes.STEP
    shorter = -(-(now - first) // (fine * count)) * fine
    step = min(max(shorter, fine), step)
    return step, min(max(now // step - first // step + 1, LEAST), count)


def _unknown(count: int) -> Column:
    return Column([None] * count, [None] * count, [None] * count)


def _fill_from_rows(
    found: dict[str, Column],
    tier: Tier,
    gpu_pk: int,
    *,
    t0: int,
    step: int,
    until: int,
) -> None:
    """The database does the sums: ninety days are 26,000 rows."""
    wide = max(step, tier.STEP)
    rows = tier.objects.filter(gpu=gpu_pk, bucket__gt=t0 - wide, bucket__lt=until)
    table = _plain(rows.values_list(F("bucket") / wide).annotate(**_aggregates()))
    row_at: list[int | None] = [None] * len(next(iter(found.values())).avg)
    for number, (slot, *_rest) in enumerate(table):
        start = slot * wide
        first, end = (start - t0) // step, (min(start + wide, until) - t0) // step
        for place in range(max(first, 0), min(max(end, first + 1), len(row_at))):
            row_at[place] = number
    for at, (name, column) in enumerate(found.items()):
        parts = PARTS[name]
        means, lows, highs = (_numbers(table, 3 * at + each) for each in (1, 2, 3))
        rounded = [None if n is None else round(n / parts, 2) for n in means]
        column.avg[:] = [None if row is None else rounded[row] for row in row_at]
        column.low[:] = _spread(lows, row_at, parts=parts)
        column.high[:] = _spread(highs, row_at, parts=parts)


def _numbers(table: Sequence[Sequence[Any]], at: int) -> list[Any]:
    return [row[at] for row in table]


def _spread(
    numbers: Sequence[int | None], row_at: Sequence[int | None], *, parts: float
) -> list[float | None]:
    """What rows tell, where they are."""
    return [
        None if row is None or (n := numbers[row]) is None else n / parts
        for row in row_at
    ]


def _plain(rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """As the database says it: Django would look at each of 36,000 numbers on its way,
    which takes as long as the sums themselves."""
    sql, given = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def _aggregates() -> dict[str, Any]:
    """Of each number the mean of all samples, the least and the most."""
    together: dict[str, Any] = {}
    for name in NUMBERS:
        average = Cast(f"{name}_avg", FloatField())
        known = Q(**{f"{name}_avg__isnull": False})
        samples = Sum("n", filter=known)
        whole = Sum(average * F("n"), output_field=FloatField())
        together[f"{name}_mean"] = whole / Cast(samples, FloatField())
        together[f"{name}_low"] = Min(f"{name}_min")
        together[f"{name}_high"] = Max(f"{name}_max")
    return together


def _ring(gpu_pk: int, *, since: float, until: float) -> list[Reading]:
    uuids = list(Gpu.objects.filter(pk=gpu_pk).values_list("uuid", flat=True))
    rings = glance(lambda link: read_rings(link, uuids, since=since, until=until)) or {}
    return [reading for readings in rings.values() for reading in readings]


def _fill_from_readings(
    found: dict[str, Column], readings: Sequence[Reading], *, t0: int, step: int
) -> None:
    """A reading counts until the next; where there are several, all of them count."""
    count = len(next(iter(found.values())).avg)
    at_place: list[list[Reading]] = [[] for _ in range(count)]
    for each in readings:
        place = (int(each.at) - t0) // step
        if 0 <= place < count:
            at_place[place].append(each)
    lasting = held(readings, t0=t0, count=count, step=step)
    for place, last in enumerate(lasting):
        there = at_place[place] or ([last] if last else [])
        for name, column in found.items():
            numbers = [n for each in there if (n := getattr(each, name)) is not None]
            if numbers:
                parts = PARTS[name]
                column.avg[place] = round(sum(numbers) / len(numbers) / parts, 2)
                column.low[place] = min(numbers) / parts
                column.high[place] = max(numbers) / parts
