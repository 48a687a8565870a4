"""What each person has used since midnight, as this process read it seconds ago."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils import timezone

from models_app.energy.keeping import midnight
from models_app.models import Generation

SECONDS = 5.0
"""How old a sum may be: so much later a process hears what another has written."""
MOST_PEOPLE = 10_000


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens that were read and written, and seconds of GPU time as far as known yet."""

    tokens: int
    gpu_seconds: float


@dataclass(frozen=True, slots=True)
class _Kept:
    spent: Spent
    since: datetime
    until: float


_kept: dict[int, _Kept] = {}


def spent_since(
    person: int, since: datetime, *, clock: Callable[[], float] = time.monotonic
) -> Spent:
    """What the person's generations that ended since then took."""
    kept = _kept.get(person)
    if kept is None or kept.since != since or clock() >= kept.until:
        if len(_kept) >= MOST_PEOPLE:
            _kept.clear()
        kept = _Kept(_read(person, since), since, clock() + SECONDS)
        _kept[person] = kept
    return kept.spent


def spent_today(person: int, now: datetime) -> Spent:
    """The same since midnight, of the house's time zone, whatever the person's is."""
    zone = timezone.get_default_timezone()
    return spent_since(person, midnight(now.astimezone(zone).date(), zone))


def forget_spent(person: int) -> None:
    """At the next question, read anew what the person has used."""
    _kept.pop(person, None)


def forget_all_spent() -> None:
    _kept.clear()


def _read(person: int, since: datetime) -> Spent:
    rows = Generation.objects.filter(person=person, ended_at__gte=since).order_by()
    sums = rows.aggregate(
        prompt=Sum("prompt_tokens"),
        completion=Sum("completion_tokens"),
        gpu_seconds=Sum("gpu_seconds"),
    )
    tokens = (sums["prompt"] or 0) + (sums["completion"] or 0)
    return Spent(tokens, sums["gpu_seconds"] or 0.0)
