"""Errands as rows: opened once, taken once, closed once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction
from django.utils import timezone

from dashboard.errors import (
    BackendCannotDo,
    BackendUnreachable,
    ErrandUnderWay,
    NameTaken,
    NameUnfit,
    NotAllowed,
    NotFound,
)
from dashboard.people.models import User
from models_app.models import Errand, LanguageModel, Restriction
from models_app.models.work import SILENT
from models_app.services.errands import (
    beat,
    claim_due_errands,
    close_errand,
    give_back,
    start_copy,
    start_delete,
    start_load,
    start_unload,
)
from tests.fakes.heard import enqueued, published
from tests.make import make_backend, make_errand, make_model, make_person, make_pull

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> LanguageModel:
    return make_model("tiny:latest", backend=make_backend(kind="ollama", name="gpu-01"))


def the_errand() -> Errand:
    return Errand.objects.get()


def claimed() -> Errand:
    (errand,) = claim_due_errands(now=timezone.now())
    return errand


def test_a_load_waits_in_the_queue_with_all_that_was_chosen(
    model: LanguageModel, admin: User
) -> None:
    with enqueued() as tasks:
        start_load(model.pk, by=admin, window=8192, keep_alive=-1)

    errand = the_errand()
    assert (errand.backend, errand.name) == (model.backend, "tiny:latest")
    assert (errand.window, errand.keep_alive, errand.asked_by) == (8192, -1, admin)
    assert tasks == [("models_app.run_errands",)]


def test_two_clicks_are_one_errand(model: LanguageModel, admin: User) -> None:
    first = start_unload(model.pk, by=admin)

    with enqueued() as tasks:
        assert start_unload(model.pk, by=admin) == first

    assert tasks == []


def test_the_same_in_another_way_must_wait(model: LanguageModel, admin: User) -> None:
    start_load(model.pk, by=admin, window=8192)

    with pytest.raises(ErrandUnderWay, match="gpu-01 is at work on that"):
        start_load(model.pk, by=admin, window=4096)


def test_the_database_holds_one_open_errand_per_model_and_action(
    model: LanguageModel,
) -> None:
    make_errand(model, status="done")
    make_errand(model, status="running")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_errand(model)


def test_a_kind_that_cannot_says_why(admin: User) -> None:
    model = make_model("tiny", backend=make_backend(kind="lmstudio"))

    with pytest.raises(BackendCannotDo, match="only in its own window"):
        start_delete(model.pk, by=admin)
    with pytest.raises(BackendCannotDo, match="leave out the time"):
        start_load(model.pk, by=admin, keep_alive=300)

    assert not Errand.objects.exists()


def test_a_server_that_told_that_it_cannot_says_why(admin: User) -> None:
    server = make_backend(kind="llamacpp", abilities=["chat", "list"])

    with pytest.raises(BackendCannotDo, match="as a router"):
        start_load(make_model(backend=server).pk, by=admin)


def test_a_server_of_unknown_kind_cannot_yet(admin: User) -> None:
    model = make_model(backend=make_backend(kind=""))

    with pytest.raises(BackendCannotDo, match="not known yet"):
        start_unload(model.pk, by=admin)


def test_nothing_is_done_without_the_right_or_with_what_is_not_theirs(
    model: LanguageModel, person: User
) -> None:
    with pytest.raises(NotAllowed):
        start_load(model.pk, by=person)
    person.user_permissions.add(Permission.objects.get(codename="load_model"))
    person = User.objects.get(pk=person.pk)
    model.backend.groups.add(Group.objects.create(name="others"))

    with pytest.raises(NotFound):
        start_load(model.pk, by=person)


def test_what_a_server_no_longer_lists_cannot_be_loaded(admin: User) -> None:
    gone = make_model(backend=make_backend(kind="ollama"), listed=False)

    with pytest.raises(NotFound):
        start_load(gone.pk, by=admin)


@pytest.mark.parametrize("name", ["", "a b", "a/b/c/d/e", "x" * 400, "-tiny"])
def test_a_copy_wants_a_name_that_its_server_takes(
    model: LanguageModel, admin: User, name: str
) -> None:
    with pytest.raises(NameUnfit, match=r"qwen3:0\.6b"):
        start_copy(model.pk, new_name=name, by=admin)


@pytest.mark.parametrize("name", ["tiny", "Tiny:latest", " tiny:latest "])
def test_a_copy_takes_no_other_models_place(
    model: LanguageModel, admin: User, name: str
) -> None:
    with pytest.raises(NameTaken, match="Choose another name"):
        start_copy(model.pk, new_name=name, by=admin)


def test_a_copy_is_for_the_same_people(model: LanguageModel, admin: User) -> None:
    group = Group.objects.create(name="few")
    Restriction.objects.create(model="tiny").groups.add(group)

    start_copy(model.pk, new_name="free-for-all", by=admin)

    kept = Restriction.objects.get(model="free-for-all")
    assert list(kept.groups.all()) == [group]


@pytest.mark.parametrize("name", ["secret", "library/secret"])
def test_a_copy_takes_no_name_that_is_for_others(
    model: LanguageModel, name: str
) -> None:
    Restriction.objects.create(model="secret")
    person = make_person()
    person.user_permissions.add(Permission.objects.get(codename="delete_model"))

    with pytest.raises(NameTaken):
        start_copy(model.pk, new_name=name, by=person)


def test_a_copy_takes_no_name_that_something_else_is_about_to_have(
    model: LanguageModel, admin: User
) -> None:
    other = make_model("other", backend=model.backend)
    make_pull("coming", backend=model.backend)
    start_copy(model.pk, new_name="copied", by=admin)

    for name in ("copied", "coming"):
        with pytest.raises(NameTaken):
            start_copy(other.pk, new_name=name, by=admin)


def test_pages_hear_of_each_change_and_not_of_which_model(
    model: LanguageModel, admin: User
) -> None:
    with published() as heard:
        start_load(model.pk, by=admin)
        close_errand(claimed(), BackendUnreachable(server="gpu-01", detail="gone"))

    assert [(each.status, each.code) for each in heard] == [
        ("queued", ""),
        ("running", ""),
        ("failed", "backend_unreachable"),
    ]
    assert "tiny" not in "".join(each.frame() for each in heard)


def test_an_errand_is_taken_by_one_worker(model: LanguageModel) -> None:
    make_errand(model)

    assert claimed().turn == 1
    assert claim_due_errands(now=timezone.now()) == []


def test_what_a_dead_worker_left_is_begun_anew(model: LanguageModel) -> None:
    now = timezone.now()
    make_errand(model, status="running", turn=1, beat_at=now - SILENT)
    assert claim_due_errands(now=now) == []

    (errand,) = claim_due_errands(now=now + timedelta(seconds=1))

    assert (errand.turn, errand.status) == (2, "running")


def test_a_worker_that_was_given_up_changes_nothing(model: LanguageModel) -> None:
    make_errand(model)
    late = claimed()
    Errand.objects.update(turn=2)

    assert not beat(late)
    assert not close_errand(late)
    give_back(late)

    assert the_errand().status == "running"


def test_a_closed_errand_stays_as_it_was_closed(model: LanguageModel) -> None:
    make_errand(model)
    errand = claimed()
    assert beat(errand)

    assert close_errand(errand)
    assert not close_errand(errand, BackendUnreachable(server="s", detail="gone"))

    assert (the_errand().status, the_errand().error_code) == ("done", "")


def test_a_closed_errand_has_its_server_looked_at(model: LanguageModel) -> None:
    later = timezone.now() + timedelta(hours=1)
    type(model.backend).objects.update(look_at=later)
    make_errand(model)

    close_errand(claimed())

    model.backend.refresh_from_db()
    assert model.backend.look_at < later


def test_what_is_given_back_is_due_at_once(model: LanguageModel) -> None:
    make_errand(model)

    give_back(claimed())

    assert claimed().turn == 2
