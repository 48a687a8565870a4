"""Adding up for good what the cards took in the hours and days that are over."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo

from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone

from models_app.energy.covering import Window
from models_app.energy.sums import cards_in, host_seconds_in, stretch
from models_app.models import CardEnergy, EnergyPeriod, FiveMinutes
from models_app.nodes.ring import SLOTS
from models_app.nodes.rollup import DAY, HOUR, KEPT, roll_up

SETTLED = SLOTS + 300
"""Seconds after which nothing comes any more: samples are taken in for an hour."""
AT_ONCE = 200
"""Periods that one run keeps; the next goes on."""
FINE = KEPT[FiveMinutes]


def keep_energy(*, now: float) -> int:
    """Keep the hours, and the days of the house's time zone, that are over; how many were
    new. One that is kept stays as it is.

    A day of another zone is made of these: days of the house, and hours where it begins.
    """
    first = FiveMinutes.objects.aggregate(first=Min("bucket"))["first"]
    if first is None:
        return 0
    known = Window(first, int(now) - SETTLED)
    # Of what is older, parts are pruned already.
    begin = int(now) - FINE
    kept = set(EnergyPeriod.objects.values_list("since", "until"))
    due = (w for w in (*_hours(known), *_days(known)) if w.since >= begin)
    missing = [each for each in due if each not in kept][:AT_ONCE]
    if missing:
        roll_up(now=now, seconds=min(DAY, int(now) - min(missing).since))
    return sum(_keep(each) for each in missing)


def forget_hours(*, now: float) -> None:
    """Delete the hours as old as the rows that they are of; days stay."""
    hours = EnergyPeriod.objects.filter(until=F("since") + HOUR)
    hours.filter(until__lte=int(now) - FINE).delete()


def midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _hours(known: Window) -> Iterable[Window]:
    """The newest first: they are asked for all the time."""
    starts = range(known.since // HOUR * HOUR, known.until - HOUR + 1, HOUR)
    return (Window(start, start + HOUR) for start in reversed(starts))


def _days(known: Window) -> Iterator[Window]:
    zone = timezone.get_default_timezone()
    day = datetime.fromtimestamp(known.since, zone).date()
    while (window := _day(day, zone)).until <= known.until:
        yield window
        day += timedelta(days=1)


def _day(day: date, zone: tzinfo) -> Window:
    end = midnight(day + timedelta(days=1), zone)
    return Window(int(midnight(day, zone).timestamp()), int(end.timestamp()))


def _keep(window: Window) -> bool:
    """Whether it was new."""
    time = stretch(window)
    cards, seconds = cards_in(time), host_seconds_in(time)
    with transaction.atomic():
        period, is_new = EnergyPeriod.objects.get_or_create(
            since=window.since, until=window.until, defaults={"host_seconds": seconds}
        )
        if is_new:
            CardEnergy.objects.bulk_create(
                CardEnergy(
                    period=period,
                    gpu_id=gpu,
                    joules=card.joules,
                    measured=card.measured,
                    idle=card.idle,
                    active=card.active,
                )
                for gpu, card in cards.items()
            )
    return is_new
