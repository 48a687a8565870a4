"""From ten seconds to five minutes, and what is kept of either."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, Sum

from models_app.models import FiveMinutes, TenSeconds
from models_app.models.gpu_bucket import GpuBucket
from models_app.nodes.intake.closing import COLUMNS, LATEST
from models_app.nodes.ring import NUMBERS

STEP = FiveMinutes.STEP
IDLE_BELOW = 50
"""Tenths of a percent of time busy, in the mean of ten seconds."""
WRITTEN = [*COLUMNS, "measured", "idle", "active"]
Tier = type[TenSeconds] | type[FiveMinutes]
HOUR, DAY = 3_600, 86_400
KEPT: dict[Tier, int] = {TenSeconds: DAY, FiveMinutes: 90 * DAY}
"""Seconds that either tier goes back."""
CHUNK = 5_000
"""Rows that one deletion takes: others write between two."""

Window = tuple[int, int]


def roll_up(*, now: float, seconds: int = HOUR) -> int:
    """Write the five minutes that are over, of so many last seconds; how many were new or
    had to be written anew. Each is computed again from all its parts, so that data that
    came late, or a second run, do no harm."""
    end = (int(now) - LATEST) // STEP * STEP
    since = (int(now) - seconds) // STEP * STEP
    changed = _changed(since, end)
    parts: dict[Window, list[TenSeconds]] = defaultdict(list)
    gpus, starts = {gpu for gpu, _ in changed}, {start for _, start in changed}
    if changed:
        rows = TenSeconds.objects.filter(
            gpu__in=gpus, bucket__gte=min(starts), bucket__lt=max(starts) + STEP
        )
        for row in rows.iterator():
            window = (row.gpu_id, row.bucket // STEP * STEP)
            if window in changed:
                parts[window].append(row)
    FiveMinutes.objects.bulk_create(
        [
            FiveMinutes(gpu_id=gpu, bucket=start, **merged(rows))
            for (gpu, start), rows in parts.items()
        ],
        batch_size=200,
        update_conflicts=True,
        unique_fields=["gpu", "bucket"],
        update_fields=WRITTEN,
    )
    return len(parts)


def _changed(since: int, end: int) -> set[Window]:
    """The windows that have other samples than their row says."""
    rows = TenSeconds.objects.filter(bucket__gte=since, bucket__lt=end)
    sums = rows.values(window=F("bucket") / STEP, card=F("gpu")).annotate(all=Sum("n"))
    fine = {(each["card"], each["window"] * STEP): each["all"] for each in sums}
    coarse = FiveMinutes.objects.filter(bucket__gte=since, bucket__lt=end)
    known = {
        (gpu, start): n for gpu, start, n in coarse.values_list("gpu", "bucket", "n")
    }
    # A row that knows more was made before its parts were pruned.
    return {window for window, n in fine.items() if n > known.get(window, 0)}


def merged(rows: Sequence[GpuBucket]) -> dict[str, Any]:
    """The columns of one bucket that is made of these; the least and the most survive."""
    values: dict[str, Any] = {"n": sum(row.n for row in rows), "throttle": 0}
    for row in rows:
        values["throttle"] |= row.throttle
    for name in NUMBERS:
        known = [row for row in rows if getattr(row, f"{name}_avg") is not None]
        values[f"{name}_avg"] = _average(known, name)
        lows = (getattr(row, f"{name}_min") for row in known)
        values[f"{name}_min"] = min(lows, default=None)
        highs = (getattr(row, f"{name}_max") for row in known)
        values[f"{name}_max"] = max(highs, default=None)
    told = [row for row in rows if row.energy is not None]
    values["energy"] = sum(row.energy or 0 for row in told) if told else None
    values["energy_is_measured"] = all(row.energy_is_measured for row in told)
    return {**values, **_parts(told)}


def _parts(told: Sequence[GpuBucket]) -> dict[str, int | None]:
    """Of the joules of these rows, what a counter told, and what was used while idle."""
    counted = [row for row in told if row.energy_is_measured]
    known = [(row, row.util_avg) for row in told if row.util_avg is not None]
    idle = [row for row, util in known if util < IDLE_BELOW]
    active = [row for row, util in known if util >= IDLE_BELOW]
    return {
        "measured": _joules(counted) if told else None,
        "idle": _joules(idle) if known else None,
        "active": _joules(active) if known else None,
    }


def _joules(rows: Iterable[GpuBucket]) -> int:
    return sum(row.energy or 0 for row in rows)


def _average(rows: Iterable[GpuBucket], name: str) -> int | None:
    counted = [(getattr(row, f"{name}_avg") * row.n, row.n) for row in rows]
    samples = sum(n for _total, n in counted)
    return round(sum(total for total, _n in counted) / samples) if samples else None


def prune(*, now: float) -> int:
    """Delete what is older than its tier goes back; how many rows."""
    counts = [_prune(tier, int(now) - kept) for tier, kept in KEPT.items()]
    return sum(counts)


def _prune(tier: Tier, before: int) -> int:
    old = tier.objects.filter(bucket__lt=before).order_by()
    count = 0
    while chunk := list(old.values_list("pk", flat=True)[:CHUNK]):
        deleted, _each = tier.objects.filter(pk__in=chunk).delete()
        count += deleted
    return count
