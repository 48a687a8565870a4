"""Pulls that are stopped, closed once, tried again and put away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.errors import (
    DiskFull,
    NotAllowed,
    NotFound,
)
from dashboard.people.models import User
from models_app.models import Backend, Pull
from models_app.services.pulls import (
    Order,
    checkpoint,
    claim_pull,
    close_pull,
    dismiss_pull,
    request_stop,
    retry_pull,
    start_pull,
)
from tests.fakes.heard import published
from tests.make import (
    make_pull,
    make_running_pull,
)
from tests.models_app.pulls.opened import HALF, claimed, the_pull

pytestmark = pytest.mark.django_db


def test_a_stop_is_heard_with_the_next_checkpoint(backend: Backend) -> None:
    taken = claimed(backend)

    assert request_stop(taken.pull, by=None)

    assert the_pull().is_open
    assert checkpoint(taken.pull, turn=1, standing=HALF) is Order.STOP


def test_a_pull_that_nobody_has_taken_is_cancelled_at_once(backend: Backend) -> None:
    (pull,) = start_pull("tiny", backends=[backend.pk], by=None)

    assert request_stop(pull, by=None)

    assert the_pull().status == Pull.Status.CANCELLED
    assert not request_stop(pull, by=None)
    assert claim_pull(pull) is None


def test_who_starts_it_again_takes_back_the_stop(backend: Backend) -> None:
    taken = claimed(backend)
    request_stop(taken.pull, by=None)

    assert start_pull("tiny", backends=[backend.pk], by=None) == [taken.pull]

    assert not close_pull(taken.pull, turn=1, status=Pull.Status.CANCELLED)
    assert checkpoint(taken.pull, turn=1, standing=HALF) is Order.GO_ON


def test_a_pull_is_closed_once(backend: Backend) -> None:
    taken = claimed(backend)

    assert close_pull(taken.pull, turn=1, status=Pull.Status.DONE, standing=HALF)
    assert not close_pull(taken.pull, turn=1, status=Pull.Status.FAILED)

    pull = the_pull()
    assert (pull.status, pull.done, pull.speed) == ("done", 50, None)
    assert pull.ended_at
    assert checkpoint(taken.pull, turn=1, standing=HALF) is Order.LEAVE


def test_a_failed_pull_says_why(backend: Backend) -> None:
    taken = claimed(backend)
    error = DiskFull(server="gpu-01", name="tiny")

    close_pull(taken.pull, turn=1, status=Pull.Status.FAILED, error=error)

    assert the_pull().error_code == "disk_full"
    assert the_pull().error_facts == {"server": "gpu-01", "name": "tiny"}


def test_a_server_that_has_a_new_model_is_looked_at_at_once(backend: Backend) -> None:
    taken = claimed(backend)
    Backend.objects.update(look_at=timezone.now() + timedelta(seconds=15))

    close_pull(taken.pull, turn=1, status=Pull.Status.DONE)

    assert Backend.objects.get().look_at <= timezone.now()


def test_a_retry_opens_another_pull(backend: Backend) -> None:
    failed = make_pull(backend=backend, status=Pull.Status.FAILED)

    again = retry_pull(failed.pk, by=None)

    assert again != failed.pk
    assert retry_pull(failed.pk, by=None) == again
    with pytest.raises(NotFound):
        retry_pull(0, by=None)


def test_only_what_has_ended_is_dismissed_and_once(
    backend: Backend, admin: User, person: User
) -> None:
    pull = make_running_pull(backend=backend)

    assert not dismiss_pull(pull.pk, by=admin)
    Pull.objects.update(status="failed")
    with pytest.raises(NotAllowed):
        dismiss_pull(pull.pk, by=person)
    with published() as events:
        assert dismiss_pull(pull.pk, by=admin)
        assert not dismiss_pull(pull.pk, by=admin)

    assert [each.dismissed for each in events] == [True]
