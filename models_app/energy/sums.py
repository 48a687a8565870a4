"""What each card took in a stretch of time: periods that are kept, and rows of the rest."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Case, Count, F, Max, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from models_app.energy.covering import Window, chosen, gaps
from models_app.models import CardEnergy, EnergyPeriod, FiveMinutes, Gpu, TenSeconds
from models_app.nodes.rollup import IDLE_BELOW, Tier

Rows = QuerySet[TenSeconds] | QuerySet[FiveMinutes]

_by_counter = Case(When(energy_is_measured=True, then=F("energy")), default=0)
SUMS: dict[Tier, dict[str, Sum]] = {
    TenSeconds: {
        "all_joules": Sum("energy"),
        "all_measured": Sum(_by_counter),
        "all_idle": Sum("energy", filter=Q(util_avg__lt=IDLE_BELOW)),
        "all_active": Sum("energy", filter=Q(util_avg__gte=IDLE_BELOW)),
    },
    # Rows that were rolled up before they told of their parts say it as a whole, or not
    # at all.
    FiveMinutes: {
        "all_joules": Sum("energy"),
        "all_measured": Sum(Coalesce("measured", _by_counter)),
        "all_idle": Sum("idle"),
        "all_active": Sum("active"),
    },
}
"""Of each tier, all joules, those by a counter, those while idle and while not."""


@dataclass(slots=True)
class CardSum:
    """Joules of one card; `joules` is None while no stretch told any."""

    joules: int | None = None
    measured: int = 0
    idle: int = 0
    active: int = 0

    def add(self, joules: int | None, measured: int, idle: int, active: int) -> None:
        if joules is not None:
            self.joules = (self.joules or 0) + joules
            self.measured += measured
            self.idle += idle
            self.active += active


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time as the periods that stand for it, by number, and what is to be added up."""

    kept: tuple[int, ...]
    rest: tuple[Window, ...]


def stretch(whole: Window) -> Stretch:
    rows = EnergyPeriod.objects.filter(since__gte=whole.since, until__lte=whole.until)
    kept = {
        Window(since, until): pk
        for pk, since, until in rows.values_list("pk", "since", "until")
    }
    found = chosen(whole, kept)
    return Stretch(tuple(kept[each] for each in found), tuple(gaps(whole, found)))


def cards_in(time: Stretch) -> dict[int, CardSum]:
    """By number, all cards that have reported."""
    cards: dict[int, CardSum] = defaultdict(CardSum)
    for gpu, joules, measured, idle, active in _kept(time.kept):
        cards[gpu].add(joules, measured, idle, active)
    for rows in _rows(time.rest):
        added = rows.values_list("gpu").annotate(**SUMS[rows.model]).order_by()
        for gpu, joules, *parts in added:
            cards[gpu].add(joules, *(each or 0 for each in parts))
    return dict(cards)


def host_seconds_in(time: Stretch) -> int:
    """For how long hosts with cards have reported, all together."""
    periods = EnergyPeriod.objects.filter(pk__in=time.kept)
    seconds: int = periods.aggregate(all=Sum("host_seconds"))["all"] or 0
    for rows in _rows(time.rest):
        of_each = rows.values("gpu__node").order_by()
        for each in of_each.annotate(stretches=Count("bucket", distinct=True)):
            seconds += each["stretches"] * rows.model.STEP
    return seconds


def _kept(periods: tuple[int, ...]) -> Iterable[tuple[int, int | None, int, int, int]]:
    of_each = CardEnergy.objects.filter(period__in=periods).values_list("gpu")
    return of_each.annotate(
        Sum("joules"), Sum("measured"), Sum("idle"), Sum("active")
    ).order_by()


def _rows(windows: tuple[Window, ...]) -> Iterator[Rows]:
    """The rows of these, so that no moment is in two of them: five minutes where they are
    rolled up, ten seconds where not yet."""
    newest = FiveMinutes.objects.aggregate(newest=Max("bucket"))["newest"] or 0
    for since, until in windows:
        within = Q(bucket__gte=since, bucket__lt=until)
        yield FiveMinutes.objects.filter(within)
        # What is older is rolled up, but for what came late in this very minute: to look
        # each row up would take longer than all else together.
        if until > newest:
            yield from _not_rolled_up(within, newest)


def _not_rolled_up(within: Q, newest: int) -> Iterator[Rows]:
    """After the newest five minutes, none; in these, only cards that have no row there."""
    after = newest + FiveMinutes.STEP
    rows = TenSeconds.objects.filter(within)
    yield rows.filter(bucket__gte=after)
    there = FiveMinutes.objects.filter(bucket=newest).values("gpu")
    # A list, not a query of its own: the database would read all cards' rows for it.
    lacking = list(Gpu.objects.exclude(pk__in=there).values_list("pk", flat=True))
    if lacking:
        yield rows.filter(gpu__in=lacking, bucket__gte=newest, bucket__lt=after)
