"""Who may do what, and what is for whom."""

import pytest
from django.contrib.auth.models import Permission

from dashboard.errors import NotAllowed
from dashboard.people.models import User
from models_app.adapters.base import Can
from models_app.rights import (
    EVERYBODY,
    MAY_PULL,
    RIGHTS,
    check_right,
    is_open,
    may_add_presets,
    may_change_presets,
    may_pull,
    permitted,
    sees_all,
    sees_all_presets,
)

pytestmark = pytest.mark.django_db


def given(person: User, *codenames: str) -> User:
    """The person, read anew with these rights."""
    person.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return User.objects.get(pk=person.pk)


def test_an_administrator_may_all_and_a_member_nothing(
    admin: User, person: User
) -> None:
    rights = (may_pull, may_add_presets, may_change_presets, sees_all)

    assert all(right(admin) for right in rights)
    assert not any(right(person) for right in rights)
    assert (permitted(admin), permitted(person)) == ([*RIGHTS], [])


def test_a_right_lets_somebody_do_what_it_names_and_no_more(person: User) -> None:
    loader = given(person, "load_model")

    assert permitted(loader) == [Can.LOAD, Can.UNLOAD]
    assert not may_pull(loader)


@pytest.mark.parametrize("right", ["view_preset", "change_preset"])
def test_who_views_or_edits_presets_sees_all_of_them(person: User, right: str) -> None:
    assert not sees_all_presets(person)
    assert sees_all_presets(given(person, right))


def test_whoever_lacks_a_right_is_told_so_but_not_whoever_is_at_the_host(
    person: User,
) -> None:
    with pytest.raises(NotAllowed):
        check_right(MAY_PULL, person)

    check_right(MAY_PULL, None)
    check_right(MAY_PULL, given(person, "add_pull"))


def test_what_names_no_group_is_for_everybody() -> None:
    ours, theirs = frozenset({1}), frozenset({2})

    assert is_open(EVERYBODY, theirs)
    assert is_open(ours, ours | theirs)
    assert not is_open(ours, theirs)
