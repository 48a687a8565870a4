"""How much energy the cards took, and what that costs; what was not measured is not 0."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from models_app.models import EnergySettings, FiveMinutes, TenSeconds

JOULES_A_KWH = 3.6e6
IDLE_BELOW = 50
"""Tenths of a percent of time busy, in the mean of a stretch."""
LATE = timedelta(hours=1)
"""How long after its time a sample may come and still be rolled up."""

Rows = QuerySet[TenSeconds] | QuerySet[FiveMinutes]


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, and in which time zone those are a day or a month."""

    since: datetime
    until: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Energy:
    """What was taken in a span; None is "not measured".

    `joules` is what the cost is of: the cards, and what the settings add for the hosts and
    the building; `per_gpu` has the cards alone, by number. `measured_share` is how much of
    the cards' came from a counter, the rest was integrated from power. Idle and active
    count only stretches of which it is known. `not_measured` cards reported, but neither.
    """

    span: Span
    joules: float | None
    cost: float | None
    currency: str
    measured_share: float | None
    idle_joules: float
    active_joules: float
    not_measured: int
    per_gpu: dict[int, int]


@dataclass(slots=True)
class _Card:
    """Sums of one card, in joules; `joules` is None while no stretch told any."""

    joules: int | None = None
    measured: int = 0
    idle: int = 0
    active: int = 0


def today_and_month(now: float) -> tuple[Span, Span]:
    """Until now, since the last midnight and since the month began, in the reader's zone."""
    zone = timezone.get_current_timezone()
    until = datetime.fromtimestamp(now, zone)
    midnight = datetime(until.year, until.month, until.day, tzinfo=zone)
    first = datetime(until.year, until.month, 1, tzinfo=zone)
    return Span(midnight, until, str(zone)), Span(first, until, str(zone))


def energy_in(span: Span) -> Energy:
    """What all cards took together, and what that cost."""
    cards, settings = _cards_in(span), energy_settings()
    told = {pk: each.joules for pk, each in cards.items() if each.joules is not None}
    whole = sum(told.values())
    extra = settings.host_watts * _host_seconds(span) if settings.host_watts else 0
    joules = (whole + extra) * settings.pue if told else None
    measured = sum(each.measured for each in cards.values())
    return Energy(
        span=span,
        joules=joules,
        cost=_cost(joules, settings),
        currency=settings.currency,
        measured_share=measured / whole if whole else None,
        idle_joules=sum(each.idle for each in cards.values()),
        active_joules=sum(each.active for each in cards.values()),
        not_measured=len(cards) - len(told),
        per_gpu=told,
    )


def energy_settings() -> EnergySettings:
    """As an administrator has them; those of a new house where there is no row."""
    kept = EnergySettings.objects.filter(pk=EnergySettings.ONLY).first()
    return kept or EnergySettings(pk=EnergySettings.ONLY)


def _cost(joules: float | None, settings: EnergySettings) -> float | None:
    if joules is None or settings.price is None:
        return None
    return joules * float(settings.price) / JOULES_A_KWH


def _cards_in(span: Span) -> dict[int, _Card]:
    cards: dict[int, _Card] = defaultdict(_Card)
    for rows in _stretches(span):
        added = rows.values_list("gpu", "energy_is_measured").annotate(
            Sum("energy"),
            idle=Sum("energy", filter=Q(util_avg__lt=IDLE_BELOW)),
            active=Sum("energy", filter=Q(util_avg__gte=IDLE_BELOW)),
        )
        for gpu, is_measured, joules, idle, active in added.order_by():
            card = cards[gpu]
            if joules is not None:
                card.joules = (card.joules or 0) + joules
                card.measured += joules if is_measured else 0
                card.idle += idle or 0
                card.active += active or 0
    return dict(cards)


def _host_seconds(span: Span) -> int:
    """For how long hosts with cards have reported, all together."""
    return sum(
        each["stretches"] * rows.model.STEP
        for rows in _stretches(span)
        for each in rows.values("gpu__node")
        .annotate(stretches=Count("bucket", distinct=True))
        .order_by()
    )


def _stretches(span: Span) -> Iterator[Rows]:
    """The rows of a span, so that no moment is in two of them: five minutes where they are
    rolled up, ten seconds where not yet."""
    since, until = int(span.since.timestamp()), int(span.until.timestamp())
    within = Q(bucket__gte=since, bucket__lt=until)
    yield FiveMinutes.objects.filter(within)
    newest = FiveMinutes.objects.aggregate(newest=Max("bucket"))["newest"]
    # Older ones are rolled up for certain: looking each up would take seconds.
    recent = 0 if newest is None else newest - int(LATE.total_seconds())
    rolled_up = FiveMinutes.objects.filter(
        gpu=OuterRef("gpu"), bucket=OuterRef("bucket") - OuterRef("within")
    )
    yield (
        TenSeconds.objects.filter(within, bucket__gte=recent)
        .annotate(within=F("bucket") % FiveMinutes.STEP)
        .exclude(Exists(rolled_up))
    )
