"""Who may do what with servers, models, pulls and presets, and what is for whom.

Services, queries and pages all ask here; nothing is changed here.
"""

from collections.abc import Mapping

from django.contrib.auth.models import AbstractBaseUser, Group, PermissionsMixin

from dashboard.errors import NotAllowed
from dashboard.people.models import User
from models_app.adapters.base import Can

Groups = frozenset[int]
EVERYBODY: Groups = frozenset()

MAY_PULL = "models_app.add_pull"
"""Who may pull, stop, retry and answer requests; all others may only ask."""
MAY_LOAD = "models_app.load_model"
MAY_DELETE = "models_app.delete_model"
MAY_ADD_PRESETS = "models_app.add_preset"
MAY_CHANGE_PRESETS = "models_app.change_preset"
MAY_VIEW_PRESETS = "models_app.view_preset"
MAY_CHANGE_KEYS = "models_app.change_apikey"

RIGHTS: Mapping[Can, str] = {
    Can.LOAD: MAY_LOAD,
    Can.UNLOAD: MAY_LOAD,
    Can.COPY: MAY_DELETE,
    Can.DELETE: MAY_DELETE,
}
"""What can be done with a model that is there, each with the right that it takes."""


def may_pull(person: User) -> bool:
    return person.has_perm(MAY_PULL)


def may_add_presets(person: User) -> bool:
    return person.has_perm(MAY_ADD_PRESETS)


def may_change_presets(person: User) -> bool:
    return person.has_perm(MAY_CHANGE_PRESETS)


def may_change_keys(person: User) -> bool:
    """Whether they may change and revoke the keys of others."""
    return person.has_perm(MAY_CHANGE_KEYS)


def permitted(person: User) -> list[Can]:
    """What the person may have done with the models that they may use."""
    return [each for each, right in RIGHTS.items() if person.has_perm(right)]


def check_right(right: str, by: User | None) -> None:
    """`NotAllowed` for whoever lacks it; `by` is None for Paddock and for its host."""
    if by is not None and not by.has_perm(right):
        raise NotAllowed


def sees_all(person: AbstractBaseUser) -> bool:
    """Whether they are an administrator, for whom nothing is limited."""
    return isinstance(person, PermissionsMixin) and person.is_superuser


def sees_all_presets(person: User) -> bool:
    """The admin shows all of them to whoever may view presets there; so do the pages."""
    rights = (MAY_VIEW_PRESETS, MAY_CHANGE_PRESETS)
    return sees_all(person) or any(map(person.has_perm, rights))


def groups_of(person: AbstractBaseUser) -> Groups:
    return frozenset(Group.objects.filter(user=person.pk).values_list("pk", flat=True))


def is_open(groups: Groups, theirs: Groups) -> bool:
    """Whether something that names no group, or one of theirs, is for them."""
    return not groups or bool(groups & theirs)
