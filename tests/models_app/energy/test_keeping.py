"""Energy that is added up for good is what its rows would have come to."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from models_app.energy import keeping
from models_app.energy.keeping import FINE, SETTLED, forget_hours, keep_energy
from models_app.energy.queries import Energy, Span, energy_in, today_and_month
from models_app.models import (
    CardEnergy,
    EnergyPeriod,
    EnergySettings,
    FiveMinutes,
    Gpu,
    TenSeconds,
)
from tests.make import make_gpu, make_node

pytestmark = pytest.mark.django_db
HOUR, DAY = 3_600, 86_400
MIDNIGHT = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp())
LATER = MIDNIGHT + 2 * DAY + SETTLED
"""Two days are over and settled."""


@pytest.fixture
def gpu() -> Gpu:
    return make_gpu()


def fill(gpu: Gpu, since: int, until: int, joules: int | None = 7) -> None:
    """A row each five minutes; busy every other."""
    FiveMinutes.objects.bulk_create(
        FiveMinutes(
            gpu=gpu,
            bucket=at,
            n=30,
            energy=joules,
            measured=joules,
            idle=joules and at // 300 % 2 * joules,
            active=joules and (at // 300 + 1) % 2 * joules,
        )
        for at in range(since, until, 300)
    )


@pytest.fixture
def filled(gpu: Gpu) -> None:
    other = make_gpu(make_node("gpu-02"), "GPU-2")
    fill(gpu, MIDNIGHT, LATER)
    fill(other, MIDNIGHT + 5 * HOUR, MIDNIGHT + DAY, joules=None)
    FiveMinutes.objects.filter(bucket__lt=MIDNIGHT + HOUR).update(
        energy_is_measured=False, measured=0
    )


@pytest.fixture
def in_new_york(settings: Settings) -> None:
    settings.TIME_ZONE = "America/New_York"


def span(since: int, until: int) -> Span:
    return Span(
        datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC), "UTC"
    )


def bills() -> list[Energy]:
    """Of spans that begin and end with days, hours and amid these."""
    EnergySettings.objects.update_or_create(pk=1, defaults={"host_watts": 100})
    offsets = (0, HOUR, 5 * HOUR + 1_800, DAY)
    return [energy_in(span(MIDNIGHT + each, LATER - 300)) for each in offsets]


@pytest.mark.usefixtures("filled")
def test_a_bill_is_the_same_with_and_without_what_is_kept() -> None:
    before = bills()

    assert keep_energy(now=LATER) == 48 + 2

    assert bills() == before


@pytest.mark.usefixtures("filled")
def test_what_is_kept_does_not_need_its_rows() -> None:
    whole = span(MIDNIGHT, MIDNIGHT + 2 * DAY)
    before = energy_in(whole)
    keep_energy(now=LATER)

    FiveMinutes.objects.all().delete()
    forget_hours(now=LATER + FINE)

    assert energy_in(whole) == before
    assert EnergyPeriod.objects.count() == 2


@pytest.mark.usefixtures("filled")
def test_a_second_run_keeps_nothing_anew() -> None:
    keep_energy(now=LATER)

    assert keep_energy(now=LATER + 1) == 0


def test_nothing_is_kept_while_late_samples_may_come(gpu: Gpu) -> None:
    fill(gpu, MIDNIGHT, MIDNIGHT + HOUR)

    assert keep_energy(now=MIDNIGHT + HOUR + SETTLED - 1) == 0
    assert keep_energy(now=MIDNIGHT + HOUR + SETTLED) == 1


def test_an_hour_is_rolled_up_before_it_is_kept(gpu: Gpu) -> None:
    fill(gpu, MIDNIGHT, MIDNIGHT + 300)
    TenSeconds.objects.create(gpu=gpu, bucket=MIDNIGHT + 600, n=10, energy=5)

    keep_energy(now=MIDNIGHT + HOUR + SETTLED)

    assert CardEnergy.objects.get().joules == 12


@pytest.mark.usefixtures("filled")
def test_a_month_of_kept_days_reads_few_rows(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    keep_energy(now=LATER)
    FiveMinutes.objects.exclude(bucket=LATER // 300 * 300 - 300).delete()

    with django_assert_max_num_queries(9):
        energy = energy_in(today_and_month(LATER)[1])

    # The two hours that are not kept yet are gone but for their last row.
    assert energy.joules == 2 * 288 * 7 + 7


@pytest.mark.usefixtures("filled", "in_new_york")
def test_the_days_of_the_house_begin_at_its_midnight() -> None:
    keep_energy(now=LATER)

    days = EnergyPeriod.objects.filter(until__gt=MIDNIGHT).order_by("since")
    long = [each.since for each in days if each.until - each.since == DAY]
    assert long == [MIDNIGHT - 19 * HOUR, MIDNIGHT + 5 * HOUR]


@pytest.mark.usefixtures("filled")
def test_a_reader_in_another_zone_gets_their_own_day() -> None:
    with timezone.override("Asia/Kolkata"):
        today, _ = today_and_month(MIDNIGHT + DAY + 12 * HOUR)
        before = energy_in(today)
        keep_energy(now=LATER)

        assert energy_in(today) == before
        assert today.since.timestamp() == MIDNIGHT + DAY - 5.5 * HOUR


@pytest.mark.usefixtures("in_new_york")
def test_a_day_of_25_hours_is_one_day(gpu: Gpu) -> None:
    begin = int(datetime(2026, 11, 1, 4, tzinfo=UTC).timestamp())
    fill(gpu, begin, begin + 25 * HOUR)

    keep_energy(now=begin + 25 * HOUR + SETTLED)

    day = EnergyPeriod.objects.get(until__gt=begin + HOUR, since=begin)
    assert day.until - day.since == 25 * HOUR
    assert day.cards.get().joules == 25 * 12 * 7


@pytest.mark.usefixtures("filled")
def test_a_backlog_is_kept_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "AT_ONCE", 20)

    assert [keep_energy(now=LATER) for _ in range(4)] == [20, 20, 10, 0]


@pytest.mark.usefixtures("filled")
def test_a_card_that_is_deleted_takes_its_energy_along(gpu: Gpu) -> None:
    keep_energy(now=LATER)

    gpu.delete()

    assert not CardEnergy.objects.filter(joules__isnull=False).exists()


def test_days_that_are_pruned_in_part_are_not_begun(
    gpu: Gpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FINE", 3 * DAY)
    fill(gpu, MIDNIGHT + HOUR, MIDNIGHT + 2 * DAY)

    keep_energy(now=MIDNIGHT + 3 * DAY + HOUR)

    kept = EnergyPeriod.objects.order_by("since")
    assert kept[0].since == MIDNIGHT + HOUR
    assert not kept.filter(since=MIDNIGHT).exists()
