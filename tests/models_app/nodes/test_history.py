"""History from ten seconds up to ninety days."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings

from models_app.gpu.keys import ring_key
from models_app.gpu.metrics import Metric
from models_app.models import FiveMinutes, Gpu, TenSeconds
from models_app.nodes import rollup
from models_app.nodes.history import History, Span, history_of
from models_app.nodes.ring import fits_ring, keep_reading, pack
from models_app.nodes.rollup import DAY, prune, roll_up
from tests.make import make_card, make_gpu

pytestmark = pytest.mark.django_db
NOW = 1_800_000_000
LATER = NOW + 400


@pytest.fixture
def gpu(db: None) -> Iterator[Gpu]:
    yield make_gpu()
    with redis.Redis.from_url(settings.REDIS_URL) as link:
        link.delete(ring_key("GPU-1"))


def fill(gpu: Gpu, start: int, count: int, **fields: Any) -> None:
    """So many buckets of ten seconds, with a load of 40 %."""
    values = {"n": 10, "util_avg": 400, "util_min": 300, "util_max": 500, **fields}
    TenSeconds.objects.bulk_create(
        TenSeconds(gpu=gpu, bucket=start + i * 10, **values) for i in range(count)
    )


def read(at: int, util: float = 40, interval: float = 1) -> None:
    """A reading in the ring."""
    card = make_card(values={Metric.UTIL: util})
    slot = pack(card, at=at, interval=interval)
    with redis.Redis.from_url(settings.REDIS_URL) as link:
        keep_reading(link.pipeline(), "GPU-1", slot, at=at)
        with link.pipeline() as together:
            keep_reading(together, "GPU-1", slot, at=at)
            together.execute()


def test_five_minutes_are_made_of_their_ten_seconds(gpu: Gpu) -> None:
    fill(gpu, NOW, 29, energy=1000, throttle=4)
    fill(gpu, NOW + 290, 1, util_max=990, energy=None, throttle=1)

    assert roll_up(now=LATER) == 1

    row = FiveMinutes.objects.get()
    assert (row.bucket, row.n, row.energy, row.throttle) == (NOW, 300, 29_000, 5)
    assert (row.util_avg, row.util_min, row.util_max) == (400, 300, 990)


def test_what_is_not_over_is_not_summed_up(gpu: Gpu) -> None:
    fill(gpu, NOW, 30)

    assert roll_up(now=NOW + 310) == 0
    assert roll_up(now=NOW + 325) == 1


def test_a_second_run_writes_nothing(gpu: Gpu) -> None:
    fill(gpu, NOW, 30)

    assert (roll_up(now=LATER), roll_up(now=LATER)) == (1, 0)


def test_what_comes_late_is_summed_up_too(gpu: Gpu) -> None:
    fill(gpu, NOW, 29)
    roll_up(now=LATER)

    fill(gpu, NOW + 290, 1, util_max=1000)
    roll_up(now=LATER)

    row = FiveMinutes.objects.get()
    assert (row.n, row.util_max) == (300, 1000)


def test_a_sum_outlives_its_parts(gpu: Gpu) -> None:
    fill(gpu, NOW, 30)
    roll_up(now=LATER)
    TenSeconds.objects.filter(bucket__lt=NOW + 200).delete()

    assert roll_up(now=LATER) == 0
    assert FiveMinutes.objects.get().n == 300


def test_a_day_and_ninety_days_are_kept(
    gpu: Gpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollup, "CHUNK", 7)
    fill(gpu, NOW - DAY - 200, 25)
    FiveMinutes.objects.create(gpu=gpu, bucket=NOW - 90 * DAY - 300, n=1)
    FiveMinutes.objects.create(gpu=gpu, bucket=NOW - 90 * DAY, n=1)

    assert prune(now=NOW) == 21

    assert TenSeconds.objects.count() == 5
    assert FiveMinutes.objects.get().bucket == NOW - 90 * DAY


@pytest.mark.parametrize("span", Span)
def test_a_chart_has_no_more_places_than_it_can_show(gpu: Gpu, span: Span) -> None:
    history = history_of(gpu.pk, span, NOW + 7)

    assert history.t0 % history.step == 0
    columns = history.columns.values()
    assert {len(column.avg) for column in columns} <= {900, 1200, 1440}
    assert all(set(column.avg) == {None} for column in columns)


def known(history: History, name: str = "util") -> dict[int, Any]:
    """Time to (average, least, most), without the gaps."""
    column = history.columns[name]
    triples = zip(column.avg, column.low, column.high, strict=True)
    return {
        history.t0 + place * history.step: each
        for place, each in enumerate(triples)
        if each[0] is not None
    }


def test_a_quarter_of_an_hour_shows_each_second(gpu: Gpu) -> None:
    for at in range(NOW - 3, NOW + 1):
        read(at, util=at - NOW + 50)

    places = known(history_of(gpu.pk, Span.QUARTER, NOW + 0.5))

    assert places[NOW] == (50, 50, 50)
    assert list(places) == [NOW - 3, NOW - 2, NOW - 1, NOW]


def test_an_hour_keeps_the_peak_of_a_second(gpu: Gpu) -> None:
    for at, util in ((NOW - 60, 10), (NOW - 59, 100), (NOW - 58, 10)):
        read(at, util=util)

    places = known(history_of(gpu.pk, Span.HOUR, NOW))

    assert places[NOW - 60] == (40, 10, 100)


def test_a_gap_is_a_gap(gpu: Gpu) -> None:
    for at in (*range(NOW - 100, NOW - 50), *range(NOW - 20, NOW)):
        read(at)

    times = known(history_of(gpu.pk, Span.QUARTER, NOW - 1))

    assert not set(range(NOW - 46, NOW - 20)) & set(times)


def test_what_redis_lost_is_told_by_the_rows(gpu: Gpu) -> None:
    fill(gpu, NOW - 600, 30)
    read(NOW - 10, util=70)

    places = known(history_of(gpu.pk, Span.QUARTER, NOW))

    assert places[NOW - 600] == (40, 30, 50)
    assert places[NOW - 301] == (40, 30, 50)
    assert places[NOW - 10] == (70, 70, 70)
    assert NOW - 300 not in places


def test_a_day_is_in_minutes(gpu: Gpu) -> None:
    fill(gpu, NOW - 3600, 5)
    fill(gpu, NOW - 3550, 1, util_avg=1000, util_max=1000, n=50)

    places = known(history_of(gpu.pk, Span.DAY, NOW))

    assert places == {NOW - 3600: (70, 30, 100)}


def test_a_peak_of_a_second_is_there_after_ninety_days(gpu: Gpu) -> None:
    fill(gpu, NOW, 29)
    fill(gpu, NOW + 290, 1, util_max=1000)
    roll_up(now=LATER)

    places = known(history_of(gpu.pk, Span.QUARTER_YEAR, NOW + 89 * DAY))

    ((_avg, low, high),) = places.values()
    assert (low, high) == (30, 100)


def test_ninety_days_of_a_young_card_are_told_in_short_steps(gpu: Gpu) -> None:
    for ago in (3 * DAY, 300):
        values = {"util_avg": 400, "util_min": 300, "util_max": 500}
        FiveMinutes.objects.create(gpu=gpu, bucket=NOW - ago, n=300, **values)

    history = history_of(gpu.pk, Span.QUARTER_YEAR, NOW)

    assert (history.t0, history.step) == (NOW - 3 * DAY, 300)
    assert list(known(history)) == [NOW - 3 * DAY, NOW - 300]


def test_numbers_are_in_the_units_that_people_read(gpu: Gpu) -> None:
    fill(gpu, NOW - 600, 1, memory_avg=1, memory_min=1, memory_max=2, sm_clock_avg=1,
         sm_clock_min=1, sm_clock_max=1, power_avg=4374, power_min=1, power_max=5)  # fmt: skip

    history = history_of(gpu.pk, Span.DAY, NOW)

    assert known(history, "memory") == {NOW - 600: (2**20, 2**20, 2**21)}
    assert known(history, "sm_clock") == {NOW - 600: (1, 1, 1)}
    assert known(history, "power") == {NOW - 600: (437.4, 0.1, 0.5)}


@pytest.mark.parametrize(
    ("at", "fits"), [(-3600, False), (-3599, True), (0, True), (4, True), (5, False)]
)
def test_nothing_old_takes_the_place_of_something_new(at: int, fits: bool) -> None:
    assert fits_ring(NOW + at, now=NOW) is fits
