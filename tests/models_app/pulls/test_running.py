"""A pull that is taken once, and where it stands."""

import json

import pytest

from models_app.models import Backend, Pull
from models_app.progress import Layer, Standing
from models_app.services.pulls import (
    Order,
    checkpoint,
    claim_pull,
    close_pull,
)
from tests.fakes.heard import published
from tests.models_app.pulls.opened import HALF, claimed, the_pull

pytestmark = pytest.mark.django_db


def test_a_pull_is_taken_once_however_often_the_queue_brings_it(
    backend: Backend,
) -> None:
    taken = claimed(backend)

    assert (taken.name, taken.turn, taken.backend) == ("tiny", 1, backend)
    assert claim_pull(taken.pull) is None
    close_pull(taken.pull, turn=1, status=Pull.Status.DONE)
    assert claim_pull(taken.pull) is None
    assert claim_pull(0) is None


def test_a_checkpoint_keeps_where_it_stands(backend: Backend) -> None:
    taken = claimed(backend)

    order = checkpoint(taken.pull, turn=taken.turn, standing=HALF)

    pull = the_pull()
    assert order is Order.GO_ON
    assert (pull.done, pull.total, pull.speed, pull.job) == (50, 100, 10, "job_1")
    assert pull.layers == [{"name": "a", "total": 100, "completed": 50}]
    assert (pull.percent, pull.seconds_left, pull.retries) == (50, 5, 1)


def test_a_puller_that_goes_on_shows_what_was_there_until_it_knows_better(
    backend: Backend,
) -> None:
    taken = claimed(backend)
    checkpoint(taken.pull, turn=1, standing=HALF)

    checkpoint(taken.pull, turn=1, standing=Standing("pulling manifest"))

    assert (the_pull().done, the_pull().said) == (50, "pulling manifest")


def test_pages_are_told_what_is_new_and_nothing_twice(backend: Backend) -> None:
    taken = claimed(backend)

    with published() as events:
        checkpoint(taken.pull, turn=1, standing=HALF)
        checkpoint(taken.pull, turn=1, standing=HALF)

    (event,) = events
    assert (event.kind, event.done, event.left) == ("pull.changed", 50, 5)
    assert json.loads(event.frame())["status"] == "running"


def test_pages_hear_how_long_nothing_came(backend: Backend) -> None:
    taken = claimed(backend)
    idle = Standing("pulling", (Layer("a", 100, 50),), idle=61, fruitless=1)

    with published() as events:
        checkpoint(taken.pull, turn=taken.turn, standing=idle)

    (event,) = events
    assert (event.stage, event.idle, event.tries) == ("stalled", 61, 1)
