"""Keys for programs: whose they are, for how long, and that nobody else ends them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dashboard.errors import KeyNameTaken, NotAllowed
from dashboard.people.models import User
from models_app.models import ApiKey, Generation
from models_app.services.api_keys import (
    PREFIX,
    SIGN,
    digest_of,
    key_of,
    make_key,
    note_use,
    revoke_key,
)
from tests.make import make_generation, make_person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_of_a_secret_only_its_beginning_and_its_digest_are_kept(person: User) -> None:
    made = make_key(person, "laptop")

    row = ApiKey.objects.values().get()
    assert made.secret.startswith(SIGN)
    assert (row["prefix"], row["digest"]) == (
        made.secret[:PREFIX],
        digest_of(made.secret),
    )
    assert made.secret not in str(row)


def test_a_key_is_found_by_its_whole_secret_alone(person: User) -> None:
    made = make_key(person, "laptop")

    assert key_of(made.secret) == made.key
    assert key_of(made.secret[:-1]) is None
    assert key_of(made.secret[:PREFIX]) is None
    assert key_of("") is None


@pytest.mark.parametrize(
    "told",
    [
        "",
        "pdk-short",
        "sk-" + "x" * 44,
        "pdk-" + "x" * 44,
        "pdk-" + "\0" * 43,
        "pdk-" + "é" * 43,
        "pdk-" + "x" * 43 + "\n",
    ],
)
def test_what_looks_like_no_key_is_not_looked_for(
    told: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert key_of(told) is None


@pytest.mark.parametrize(
    ("by", "good"), [(HOUR, True), (-HOUR, False), (timedelta(0), False)]
)
def test_a_key_lets_nobody_in_after_its_end(
    person: User, by: timedelta, good: bool
) -> None:
    made = make_key(person, "laptop", expires_at=timezone.now() + by)

    assert (key_of(made.secret) is not None) is good


def test_the_keys_of_whoever_is_disabled_let_nobody_in(person: User) -> None:
    made = make_key(person, "laptop")

    User.objects.filter(pk=person.pk).update(is_active=False)

    assert key_of(made.secret) is None


def test_nobody_has_two_keys_of_one_name(person: User) -> None:
    make_key(person, "laptop")

    with pytest.raises(KeyNameTaken, match="“laptop” already"):
        make_key(person, "laptop")

    assert make_key(make_person(), "laptop").secret


def test_a_key_that_is_over_gives_its_name_up(person: User) -> None:
    revoke_key(make_key(person, "laptop").key, by=person)
    make_key(person, "laptop", expires_at=timezone.now() - HOUR)

    third = make_key(person, "laptop")

    now = timezone.now()
    states = [each.state_at(now) for each in ApiKey.objects.all()]
    assert states == ["live", "expired", "revoked"]
    assert list(ApiKey.objects.live(now)) == [third.key]


def test_a_key_is_revoked_once(person: User) -> None:
    made = make_key(person, "laptop")
    revoke_key(made.key, by=person)
    first = ApiKey.objects.get().revoked_at

    revoke_key(made.key, by=person)

    assert key_of(made.secret) is None
    assert ApiKey.objects.get().revoked_at == first


def test_others_revoke_a_key_only_with_the_right_to(person: User) -> None:
    made, other = make_key(person, "laptop"), make_person()
    with pytest.raises(NotAllowed):
        revoke_key(made.key, by=other)
    assert key_of(made.secret)

    right = Permission.objects.get(codename="change_apikey")
    other.user_permissions.add(right)
    revoke_key(made.key, by=User.objects.get(pk=other.pk))

    assert key_of(made.secret) is None


def test_a_use_is_noted(person: User) -> None:
    made = make_key(person, "laptop")
    assert made.key.used_at is None

    note_use(made.key.pk)

    assert ApiKey.objects.get().used_at is not None


def test_who_is_deleted_takes_their_keys_along_and_leaves_the_ledger(
    person: User,
) -> None:
    make_generation(person=person, key=make_key(person, "laptop").key)

    person.delete()

    row = Generation.objects.get()
    assert not ApiKey.objects.exists()
    assert (row.person, row.key) == (None, None)
