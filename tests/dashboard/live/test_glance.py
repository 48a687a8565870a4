"""What a page reads of Redis, whatever becomes of it."""

import socket
import time
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from dashboard.live.glance import PATIENCE, REST, Glance
from tests.fakes.deaf import deaf_redis


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hung() -> Iterator[str]:
    with deaf_redis() as address:
        yield address


def pong(link: redis.Redis) -> bool:
    return bool(link.ping())


def test_what_is_there_is_read() -> None:
    assert Glance(settings.REDIS_URL)(pong)


def test_whoever_never_answers_is_waited_for_a_moment(hung: str) -> None:
    before = time.monotonic()

    assert Glance(hung)(pong) is None
    assert PATIENCE <= time.monotonic() - before < 2 * PATIENCE


def test_nobody_waits_again_while_it_rests(hung: str) -> None:
    clock = Clock()
    asked: list[redis.Redis] = []
    glance = Glance(hung, clock)
    glance(pong)

    clock.now = REST - 1
    glance(asked.append)
    assert asked == []

    clock.now = REST
    glance(asked.append)
    assert len(asked) == 1


def test_whoever_is_away_is_asked_again_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    asked: list[redis.Redis] = []
    glance = Glance(f"redis://127.0.0.1:{port}/0")

    assert glance(pong) is None
    glance(asked.append)

    assert len(asked) == 1
