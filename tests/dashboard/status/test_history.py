"""The history of a card: charts that break at gaps, and the same in a table."""

import time
from datetime import UTC, datetime

import pytest
from django.test import Client

from dashboard.status.charts import Charts, charts_of, line_path, narrowed
from models_app.models import FiveMinutes, Gpu
from models_app.nodes.history import Column, History, Span
from tests.dashboard.status.told_status import hear
from tests.make import make_card, make_gpu


def column(*numbers: float | None) -> Column:
    return Column([*numbers], [*numbers], [*numbers])


def charts(*numbers: float | None, span: Span = Span.HOUR) -> Charts:
    return charts_of(History(0, 3, {"util": column(*numbers)}), span, {})


def test_a_line_is_broken_at_a_gap_and_a_lone_place_is_a_dot() -> None:
    assert line_path([0, 50, None, 100], 100) == "M0,100L1,50M3,0h0"


def test_a_number_that_was_never_known_has_no_chart() -> None:
    assert charts(None, None).is_empty


def test_fewer_places_keep_the_peak() -> None:
    wide = Column([1, 3, 5], [0, 2, 4], [2, 99, 6])

    assert narrowed(wide, 2) == Column([2, 5], [0, 4], [99, 6])


def test_a_chart_has_no_more_places_than_a_screen() -> None:
    drawn = charts(*([1.0] * 1440), span=Span.DAY)

    assert len(drawn.charts[0].points) == 720
    assert drawn.step == 6


def test_the_table_has_few_rows_and_the_newest_first() -> None:
    drawn = charts(*map(float, range(600)))

    assert len(drawn.rows) == 60
    assert drawn.rows[0].at > drawn.rows[-1].at


def test_a_chart_begins_with_what_is_known_and_says_since_when() -> None:
    drawn = charts(*[None] * 1000, *[1.0] * 200)

    assert (drawn.t0, len(drawn.charts[0].points)) == (3000, 200)
    assert drawn.since == drawn.marks[0] == "00:50"


def test_a_chart_that_knows_nearly_all_of_its_time_shows_all_of_it() -> None:
    drawn = charts(*[None] * 60, *[1.0] * 1140)

    assert (drawn.t0, len(drawn.charts[0].points), drawn.since) == (0, 600, "")


def test_a_card_that_was_heard_of_just_now_has_some_room_to_go_on() -> None:
    drawn = charts(*[None] * 1199, 1.0)

    assert (len(drawn.charts[0].points), drawn.since) == (30, "00:59")


@pytest.mark.parametrize(
    ("step", "count", "marks"),
    [
        (3, 1200, ["00:00", "00:30", "01:00"]),
        (60, 1440, ["January 1, 00:00", "January 1, 12:00", "January 2, 00:00"]),
        (5400, 1440, ["January 1", "February 15", "April 1"]),
    ],
)
def test_times_are_told_by_the_clock_the_day_or_both(
    step: int, count: int, marks: list[str]
) -> None:
    history = History(0, step, {"util": column(*[1.0] * count)})

    assert charts_of(history, Span.QUARTER_YEAR, {}).marks == marks


@pytest.fixture
def gpu(db: None) -> Gpu:
    gpu = make_gpu(name="RTX 4090", memory_total=24 * 2**30)
    bucket = int(time.time()) // 300 * 300 - 3000
    FiveMinutes.objects.create(
        gpu=gpu, bucket=bucket, n=30, util_avg=400, util_min=100, util_max=990
    )
    return gpu


def test_ninety_days_show_the_band_and_the_table(signed_in: Client, gpu: Gpu) -> None:
    page = signed_in.get(f"/status/gpu/{gpu.pk}/?span=90d").content.decode()

    assert "40 % last, 99 % at most" in page
    assert "10 % … 99 %" in page
    assert 'aria-current="page">90 days' in page
    assert "Of this time, what is known begins" in page


@pytest.mark.parametrize("span", ["15m", "1h", "1d", "nonsense", ""])
def test_a_card_without_history_says_so(
    span: str, signed_in: Client, person: object
) -> None:
    gpu = make_gpu()

    response = signed_in.get(f"/status/gpu/{gpu.pk}/?span={span}")

    assert "Nothing is known of this time." in response.content.decode()


@pytest.mark.usefixtures("empty_valkey")
def test_a_lost_card_says_so_and_since_when(signed_in: Client) -> None:
    hear(cards=(make_card("GPU-1"), make_card("GPU-2", index=1, lost=True)))
    Gpu.objects.update(seen_at=datetime(2026, 11, 28, 14, 30, tzinfo=UTC))
    well, lost = (
        signed_in.get(f"/status/gpu/{each.pk}/").content.decode()
        for each in Gpu.objects.order_by("index")
    )

    assert "It has not answered since" in lost
    assert "2026-11-28T14:30" in lost
    assert "It has not answered" not in well


def test_a_card_that_nobody_knows_is_not_found(signed_in: Client) -> None:
    assert signed_in.get("/status/gpu/99/").status_code == 404
