"""A Valkey in which no host has said anything."""

from collections.abc import Iterator

import pytest
import redis

from tests.models_app.nodes.intake.taking import open_link


@pytest.fixture(autouse=True)
def empty_valkey() -> Iterator[redis.Redis]:
    link = open_link()
    link.flushdb()
    yield link
    link.flushdb()
    link.close()
