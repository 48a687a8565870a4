"""The pages of the status while Redis accepts and never answers."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from dashboard.live.glance import PATIENCE, glance_here
from tests.fakes.deaf import deaf_redis
from tests.make import make_gpu, make_node


@pytest.fixture
def redis_hangs(settings: Settings) -> Iterator[None]:
    with deaf_redis() as address:
        settings.REDIS_URL = address
        glance_here.cache_clear()
        yield
    glance_here.cache_clear()


def seconds_for(client: Client, path: str) -> float:
    before = time.monotonic()
    assert client.get(path).status_code == 200
    return time.monotonic() - before


def test_a_page_says_what_the_database_knows(
    signed_in: Client, redis_hangs: None
) -> None:
    make_node("gpu-07", seen_at=timezone.now() - timedelta(hours=2))

    page = signed_in.get("/status/").content.decode()

    assert "gpu-07" in page
    assert "silent for 2 h" in page


def test_one_page_waits_a_moment_and_the_next_not_at_all(
    signed_in: Client, redis_hangs: None
) -> None:
    pk = make_gpu(make_node("gpu-07"), "GPU-7").pk
    signed_in.get("/account/")

    # It asks more often than that: each time would take as long again.
    assert seconds_for(signed_in, "/status/") < 4 * PATIENCE
    for path in ("/status/", "/status.json", f"/status/gpu/{pk}/"):
        assert seconds_for(signed_in, path) < PATIENCE
