"""A Valkey that is empty of samples, and an intake on it."""

from collections.abc import Iterator

import pytest
import redis

from models_app.models import Node
from tests.make import make_node
from tests.models_app.nodes.intake.taking import Bench, open_link


@pytest.fixture
def link() -> Iterator[redis.Redis]:
    link = open_link()
    link.flushdb()
    yield link
    link.flushdb()
    link.close()


@pytest.fixture
def node(db: None) -> Node:
    return make_node("gpu-01")


@pytest.fixture
def bench(link: redis.Redis, node: Node) -> Bench:
    return Bench(link)
