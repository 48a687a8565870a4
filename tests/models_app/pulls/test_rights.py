"""Who may start a pull, see it and end it."""

import pytest

from dashboard.errors import (
    NotAllowed,
    NotFound,
)
from dashboard.people.models import User
from models_app.models import Backend, Pull
from models_app.services.pulls import (
    dismiss_pull,
    request_stop,
    retry_pull,
    start_pull,
)
from tests.fakes.scripted import KIND
from tests.make import (
    make_hidden_backend,
    make_pull,
    make_puller,
    make_running_pull,
)

pytestmark = pytest.mark.django_db


def test_members_neither_start_nor_stop_nor_retry(
    backend: Backend, person: User
) -> None:
    pull = make_running_pull(backend=backend)

    with pytest.raises(NotAllowed):
        start_pull("tiny", backends=[backend.pk], by=person)
    with pytest.raises(NotAllowed):
        request_stop(pull.pk, by=person)
    with pytest.raises(NotAllowed):
        retry_pull(pull.pk, by=person)


def test_whoever_is_given_the_right_may_pull(backend: Backend) -> None:
    assert start_pull("tiny", backends=[backend.pk], by=make_puller())


def test_to_servers_of_others_nobody_pulls_and_nothing_says_that_they_are_there(
    backend: Backend, admin: User
) -> None:
    hidden = make_hidden_backend(kind=KIND)

    for server in (hidden.pk, 0):
        with pytest.raises(NotFound):
            start_pull("tiny", backends=[backend.pk, server], by=make_puller())

    assert not Pull.objects.exists()
    assert start_pull("tiny", backends=[hidden.pk], by=admin)


def test_pulls_that_somebody_does_not_see_they_do_not_touch_either() -> None:
    hidden, puller = make_hidden_backend(kind=KIND), make_puller()
    pull = make_running_pull(backend=hidden)
    failed = make_pull("other", backend=hidden, status="failed")

    assert not request_stop(pull.pk, by=puller)
    assert not dismiss_pull(failed.pk, by=puller)
    with pytest.raises(NotFound):
        retry_pull(failed.pk, by=puller)
    assert not Pull.objects.get(pk=pull.pk).stop_requested


def test_whoever_started_a_pull_can_end_it_though_the_server_is_no_longer_theirs() -> (
    None
):
    puller = make_puller()
    pull = make_running_pull(backend=make_hidden_backend(), asked_by=puller)

    assert request_stop(pull.pk, by=puller)
