"""Pulls whose puller was killed or told to end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from models_app.models import Backend, Pull
from models_app.models.work import SILENT
from models_app.services.pulls import (
    WAITING,
    Order,
    checkpoint,
    claim_pull,
    close_pull,
    hand_on,
    hand_on_abandoned,
)
from tests.fakes.heard import enqueued
from tests.make import (
    make_pull,
    make_running_pull,
)
from tests.models_app.pulls.opened import HALF, claimed, the_pull

pytestmark = pytest.mark.django_db


def test_a_pull_whose_puller_died_is_handed_on_and_goes_on(backend: Backend) -> None:
    taken = claimed(backend)
    checkpoint(taken.pull, turn=1, standing=HALF)
    later = timezone.now() + SILENT + timedelta(seconds=1)

    with enqueued() as tasks:
        assert hand_on_abandoned(now=later) == 1

    assert tasks == [("models_app.pull_model", taken.pull)]
    assert the_pull().done == 50
    again = claim_pull(taken.pull)
    assert again is not None
    assert (again.turn, again.job, again.retries) == (2, "job_1", 1)


def test_a_puller_that_was_given_up_changes_nothing_any_more(backend: Backend) -> None:
    taken = claimed(backend)
    hand_on_abandoned(now=timezone.now() + SILENT + timedelta(seconds=1))
    claim_pull(taken.pull)

    assert checkpoint(taken.pull, turn=1, standing=HALF) is Order.LEAVE
    assert not close_pull(taken.pull, turn=1, status=Pull.Status.DONE)
    assert (the_pull().status, the_pull().done) == ("running", 0)


def test_a_pull_that_is_heard_of_is_left_alone(backend: Backend) -> None:
    claimed(backend)

    assert hand_on_abandoned(now=timezone.now() + SILENT / 2) == 0


def test_a_pull_that_the_queue_lost_is_queued_again_after_a_while(
    backend: Backend,
) -> None:
    make_pull(backend=backend)

    with enqueued() as tasks:
        assert hand_on_abandoned(now=timezone.now() + WAITING / 2) == 0
        assert hand_on_abandoned(now=timezone.now() + WAITING * 1.1) == 1

    assert len(tasks) == 1


def test_a_pull_that_should_stop_and_has_no_puller_is_cancelled(
    backend: Backend,
) -> None:
    make_running_pull(backend=backend, stop_requested=True)

    with enqueued() as tasks:
        hand_on_abandoned(now=timezone.now() + SILENT * 2)

    assert the_pull().status == Pull.Status.CANCELLED
    assert tasks == []


def test_a_puller_that_is_told_to_end_gives_its_pull_back(backend: Backend) -> None:
    taken = claimed(backend)

    with enqueued() as tasks:
        hand_on(taken.pull, turn=1)
        hand_on(taken.pull, turn=1)

    assert the_pull().status == Pull.Status.QUEUED
    assert len(tasks) == 1
