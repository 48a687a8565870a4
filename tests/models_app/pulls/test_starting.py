"""Pulls that are opened: once for each server and name."""

import pytest
from django.db import IntegrityError, transaction

from dashboard.errors import (
    BackendCannotDo,
    NameUnfit,
    NoServerChosen,
    NotFound,
)
from dashboard.people.models import User
from models_app.models import Backend, Pull
from models_app.services.pulls import (
    retry_pull,
    start_pull,
)
from tests.fakes.heard import enqueued
from tests.fakes.scripted import KIND
from tests.make import (
    make_backend,
    make_pull,
    make_running_pull,
)

pytestmark = pytest.mark.django_db


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


def test_a_name_is_the_servers_own_to_judge_and_to_compare(admin: User) -> None:
    server = make_backend(kind="ollama")

    with pytest.raises(NameUnfit, match=r"qwen3:0\.6b"):
        start_pull("a/b/c/d", backends=[server.pk], by=admin)
    first = start_pull("tiny", backends=[server.pk], by=admin)
    assert start_pull("library/tiny:latest", backends=[server.pk], by=admin) == first


def test_a_new_pull_takes_the_place_of_what_became_of_the_last(
    backend: Backend, admin: User
) -> None:
    failed = make_pull(backend=backend, status="failed")
    other = make_pull("other", backend=backend, status="failed")

    retry_pull(failed.pk, by=admin)

    kept = Pull.objects.filter(dismissed=False, status="failed")
    assert list(kept) == [other]
