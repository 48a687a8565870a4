"""What the rules look at, as it is read at one moment."""

from typing import Any

import pytest

from models_app.alerts.findings import HostReading
from models_app.alerts.reading import readings_at
from models_app.gpu.samples import Xid
from tests.make import make_backend, make_node
from tests.models_app.alerts.seen import card, keep_latest, sample

pytestmark = pytest.mark.django_db
NOW = 1_800_000_000.0


def read(node: Any, **fields: Any) -> HostReading:
    """The one host, of which this sample came a moment ago."""
    keep_latest(node, sample(card(), **fields), at=NOW - 0.5)
    (host,) = readings_at(NOW).hosts
    return host


@pytest.mark.parametrize(
    ("base_url", "secret", "runs_here"),
    [
        ("http://gpu-01.lan:8000", "x", True),
        ("http://gpu-01.lan:8000", "", True),
        ("http://127.0.0.1:8000", "", True),
        ("http://host.docker.internal:8000", "", True),
        ("http://host.docker.internal:8000", "x", False),
        ("http://gpu-02:8000", "x", False),
    ],
)
def test_a_server_is_of_the_host_that_its_address_means(
    base_url: str, secret: str, runs_here: bool
) -> None:
    node = make_node("gpu-01", secret_hash=secret)
    backend = make_backend(base_url=base_url)

    servers = [each.pk for each in read(node).servers]

    assert servers == ([backend.pk] if runs_here else [])


def test_what_an_administrator_chose_counts_before_the_address() -> None:
    node = make_node("gpu-01", secret_hash="x")
    backend = make_backend(base_url="http://192.168.1.20:8000", node=node)

    (server,) = read(node).servers

    assert (server.pk, server.port) == (backend.pk, 8000)


@pytest.mark.parametrize(
    ("at", "by_our_clock"),
    [(NOW - 600, NOW - 100), (NOW - 500, NOW - 0.5), (NOW + 1e9, NOW - 0.5)],
)
def test_an_error_has_its_time_by_our_clock_and_never_one_to_come(
    at: float, by_our_clock: float
) -> None:
    node, taken = make_node(), sample(card(xids=(Xid(79, at=at),)))
    keep_latest(node, taken, at=NOW - 0.5, offset=500)

    (host,) = readings_at(NOW).hosts

    assert host.sample is not None
    assert [each.at for each in host.sample.cards[0].xids] == [by_our_clock]
