"""How much energy the cards took, and what that costs; what was not measured is not 0."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from models_app.energy.covering import Window
from models_app.energy.keeping import midnight
from models_app.energy.sums import cards_in, host_seconds_in, stretch
from models_app.models import EnergySettings

JOULES_A_KWH = 3.6e6


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


def today_and_month(now: float) -> tuple[Span, Span]:
    """Until now, since the last midnight and since the month began, in the reader's zone."""
    zone = timezone.get_current_timezone()
    until = datetime.fromtimestamp(now, zone)
    today = midnight(until.date(), zone)
    first = midnight(until.date().replace(day=1), zone)
    return Span(today, until, str(zone)), Span(first, until, str(zone))


def energy_in(span: Span) -> Energy:
    """What all cards took together, and what that cost."""
    time = stretch(Window(int(span.since.timestamp()), int(span.until.timestamp())))
    cards, settings = cards_in(time), energy_settings()
    told = {pk: each.joules for pk, each in cards.items() if each.joules is not None}
    whole = sum(told.values())
    extra = settings.host_watts * host_seconds_in(time) if settings.host_watts else 0
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
