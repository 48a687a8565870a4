"""Reading what a host sends: nothing in it is taken at its word."""

import pytest

from models_app.gpu.metrics import HOST_RANGES, RANGES, HostMetric, Metric
from models_app.gpu.samples import (
    Host,
    NodeSample,
    Unreadable,
    Xid,
    read_sample,
    write_sample,
)
from tests.make import make_card, make_sample

NOW = 1_800_000_000.0


def read(**fields: object) -> NodeSample:
    return read_sample(
        write_sample(make_sample("gpu-01", NOW, **fields)), node="gpu-01"
    )


def test_every_number_has_a_range() -> None:
    assert set(RANGES) == set(Metric)
    assert set(HOST_RANGES) == set(HostMetric)


@pytest.mark.parametrize("metric", HostMetric)
def test_a_figure_of_a_host_beyond_its_range_is_refused(metric: HostMetric) -> None:
    within = HOST_RANGES[metric]

    for value in (within.least, within.most):
        assert read(host=Host(values={metric: value})).host.value(metric) == value
    for value in (within.least - 1, within.most * 2):
        with pytest.raises(Unreadable, match=f"{metric} of gpu-01"):
            read(host=Host(values={metric: value}))


@pytest.mark.parametrize("interval", [0, -1, 0.05, 61, 3600, 1e9])
def test_an_interval_that_no_agent_keeps_is_refused(interval: float) -> None:
    with pytest.raises(Unreadable, match="interval"):
        read(interval=interval)


@pytest.mark.parametrize("interval", [0.1, 1, 10, 60])
def test_an_interval_from_a_tenth_of_a_second_to_a_minute_is_read(
    interval: float,
) -> None:
    assert read(interval=interval).interval == interval


def test_errors_of_the_future_and_of_long_ago_are_dropped() -> None:
    sound = (Xid(79, NOW), Xid(48, NOW - 3600), Xid(31, NOW + 30))
    absurd = (Xid(13, NOW + 3600), Xid(13, 0), Xid(13, 1e12))

    (card,) = read(cards=(make_card(xids=(*absurd, *sound)),)).cards

    assert card.xids == sound
