import pytest
from django.contrib.auth.models import Group
from pytest_django import DjangoCaptureOnCommitCallbacks

from dashboard.people.models import User
from models_app.models import Restriction
from models_app.queries import targets_for
from models_app.services.restrictions import (
    ADMINISTRATORS,
    Access,
    Edit,
    access_of,
    change_access,
    edit_access,
    for_administrators,
    for_everybody,
    give_to,
    kept_restrictions,
    only_for,
    take_from,
)
from models_app.snapshot import forget
from tests.make import make_model

pytestmark = pytest.mark.django_db


def access(model: str) -> Access:
    return access_of(model, kept_restrictions())


@pytest.fixture
def research() -> Group:
    return Group.objects.create(name="research")


@pytest.fixture
def design() -> Group:
    return Group.objects.create(name="design")


@pytest.mark.parametrize(
    ("was", "now", "meanwhile", "then"),
    [
        ({1}, {1}, {2}, {2}),
        ({1}, {1, 2}, {1, 3}, {1, 2, 3}),
        ({1, 2}, {1}, {1, 2, 3}, {1, 3}),
        ({1}, {1, 2}, None, None),
        (None, {1}, None, {1}),
        (None, {1}, {2}, {1, 2}),
        (None, set(), None, set()),
        ({1}, None, {1, 2}, None),
        (None, None, {1}, {1}),
    ],
)
def test_an_edit_changes_what_it_changed_and_nothing_else(
    was: set[int] | None,
    now: set[int] | None,
    meanwhile: set[int] | None,
    then: set[int] | None,
) -> None:
    before, after, kept, told = (
        None if each is None else frozenset(each)
        for each in (was, now, meanwhile, then)
    )

    assert Edit("tiny", was=before, now=after).apply(kept) == told


def test_a_model_goes_from_everybody_to_some_to_administrators_and_back(
    research: Group, design: Group
) -> None:
    make_model("tiny")

    assert change_access({"tiny": only_for(research.pk)}) == 1
    assert change_access({"tiny": give_to(design.pk)}) == 1
    assert access("tiny") == frozenset({research.pk, design.pk})
    assert change_access({"tiny": take_from(research.pk)}) == 1
    assert change_access({"tiny": take_from(design.pk)}) == 1
    assert access("tiny") == ADMINISTRATORS
    assert change_access({"tiny": for_everybody}) == 1
    assert not Restriction.objects.exists()


def test_what_is_for_everybody_is_neither_given_nor_taken(research: Group) -> None:
    make_model("tiny")

    assert change_access({"tiny": give_to(research.pk)}) == 0
    assert change_access({"tiny": take_from(research.pk)}) == 0
    assert access("tiny") is None


def test_every_spelling_of_a_name_is_one_restriction(research: Group) -> None:
    make_model("Tiny:latest")
    Restriction.objects.create(model="tiny")
    Restriction.objects.create(model="Tiny").groups.add(research)

    change_access({"Tiny:latest": give_to(research.pk)})
    change_access({"Tiny:latest": for_everybody})

    assert not Restriction.objects.exists()


def test_a_group_or_a_model_that_is_not_there_changes_nothing() -> None:
    make_model("tiny")

    assert change_access({"nowhere\0": for_administrators}) == 0
    assert change_access({"tiny": only_for(99)}) == 1
    assert access("tiny") == ADMINISTRATORS


def test_a_restriction_counts_at_once(person: User, research: Group) -> None:
    make_model("tiny")
    assert targets_for(person)

    change_access({"tiny": only_for(research.pk)})
    forget()

    assert targets_for(person) == []


def test_a_change_tells_every_open_page(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    make_model("tiny")

    with django_capture_on_commit_callbacks() as told:
        edit_access([Edit("tiny", was=None, now=None)])
    assert told == []
    with django_capture_on_commit_callbacks() as told:
        edit_access([Edit("tiny", was=None, now=ADMINISTRATORS)])
    assert told
