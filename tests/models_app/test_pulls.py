"""Pulls as rows: opened once, taken once, closed once."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from dashboard.errors import (
    BackendCannotDo,
    DiskFull,
    NameUnfit,
    NoServerChosen,
    NotAllowed,
    NotFound,
)
from dashboard.people.models import User
from models_app.models import Backend, Pull
from models_app.models.work import SILENT
from models_app.progress import Layer, Standing
from models_app.services.pulls import (
    WAITING,
    Claimed,
    Order,
    checkpoint,
    claim_pull,
    close_pull,
    dismiss_pull,
    hand_on,
    hand_on_abandoned,
    request_stop,
    retry_pull,
    start_pull,
)
from tests.fakes.heard import enqueued, published
from tests.fakes.scripted import KIND, scripted
from tests.make import (
    make_backend,
    make_hidden_backend,
    make_pull,
    make_puller,
    make_running_pull,
)

pytestmark = pytest.mark.django_db

HALF = Standing("pulling", (Layer("a", 100, 50),), speed=10, job="job_1", retries=1)


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    with scripted([]):
        yield


@pytest.fixture
def backend() -> Backend:
    return make_backend(kind=KIND, name="gpu-01")


def claimed(backend: Backend) -> Claimed:
    (pull,) = start_pull("tiny", backends=[backend.pk], by=None)
    taken = claim_pull(pull)
    assert taken is not None
    return taken


def the_pull() -> Pull:
    return Pull.objects.get()


def test_a_pull_is_opened_on_each_server_and_put_into_the_queue(
    backend: Backend, admin: User
) -> None:
    other = make_backend(kind=KIND)

    with enqueued() as tasks:
        pulls = start_pull(" tiny ", backends=[other.pk, backend.pk], by=admin)

    rows = [Pull.objects.get(pk=each) for each in pulls]
    assert [(row.backend, row.name, row.asked_by) for row in rows] == [
        (other, "tiny", admin),
        (backend, "tiny", admin),
    ]
    assert tasks == [("models_app.pull_model", each) for each in pulls]


@pytest.mark.parametrize("name", ["tiny", "Tiny", "tiny:latest"])
def test_an_open_pull_of_the_same_name_is_joined(backend: Backend, name: str) -> None:
    first = start_pull("tiny", backends=[backend.pk], by=None)

    with enqueued() as tasks:
        assert start_pull(name, backends=[backend.pk], by=None) == first

    assert tasks == []


def test_the_database_holds_one_open_pull_per_server_and_name(backend: Backend) -> None:
    make_pull(backend=backend, status="done")
    make_running_pull(backend=backend)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_pull(backend=backend)


def test_the_database_holds_no_pull_of_more_than_all(backend: Backend) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_pull(backend=backend, done=2, total=1)


def test_a_server_that_cannot_pull_starts_nothing_anywhere(backend: Backend) -> None:
    other = make_backend(kind="openai")

    with pytest.raises(BackendCannotDo, match="decided where it is started"):
        start_pull("tiny", backends=[backend.pk, other.pk], by=None)

    assert not Pull.objects.exists()


def test_a_server_of_unknown_kind_cannot_pull_yet() -> None:
    with pytest.raises(BackendCannotDo, match="not known yet"):
        start_pull("tiny", backends=[make_backend(kind="").pk], by=None)


@pytest.mark.parametrize("name", ["", " ", "a b", "a\nb", "nul\0", "x" * 301])
def test_what_is_no_name_is_refused_with_an_example(
    backend: Backend, name: str
) -> None:
    with pytest.raises(NameUnfit, match="qwen3"):
        start_pull(name, backends=[backend.pk], by=None)


def test_a_server_must_be_chosen_and_be_there() -> None:
    with pytest.raises(NoServerChosen):
        start_pull("tiny", backends=[], by=None)
    with pytest.raises(NotFound):
        start_pull("tiny", backends=[0], by=None)
    with pytest.raises(NotFound):
        start_pull("tiny", backends=[make_backend(enabled=False).pk], by=None)


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


def test_a_name_is_the_servers_own_to_judge_and_to_compare(admin: User) -> None:
    server = make_backend(kind="ollama")

    with pytest.raises(NameUnfit, match=r"qwen3:0\.6b"):
        start_pull("a/b/c/d", backends=[server.pk], by=admin)
    first = start_pull("tiny", backends=[server.pk], by=admin)
    assert start_pull("library/tiny:latest", backends=[server.pk], by=admin) == first


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


def test_a_new_pull_takes_the_place_of_what_became_of_the_last(
    backend: Backend, admin: User
) -> None:
    failed = make_pull(backend=backend, status="failed")
    other = make_pull("other", backend=backend, status="failed")

    retry_pull(failed.pk, by=admin)

    kept = Pull.objects.filter(dismissed=False, status="failed")
    assert list(kept) == [other]


def test_pages_hear_how_long_nothing_came(backend: Backend) -> None:
    taken = claimed(backend)
    idle = Standing("pulling", (Layer("a", 100, 50),), idle=61, fruitless=1)

    with published() as events:
        checkpoint(taken.pull, turn=taken.turn, standing=idle)

    (event,) = events
    assert (event.stage, event.idle, event.tries) == ("stalled", 61, 1)
