"""Which keys a person has, and what a key of theirs may be for."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from dashboard.people.models import User
from models_app.models import ApiKey
from models_app.queries import name_to_ask, targets_for
from models_app.snapshot import name_key, snapshot


def keys_of(person: User) -> QuerySet[ApiKey]:
    """Those that were not revoked, the newest first; expired ones are among them."""
    return person.api_keys.filter(revoked_at=None)


def shown_key(person: User, pk: int) -> ApiKey | None:
    """One of these."""
    return keys_of(person).filter(pk=pk).first()


def names_for(person: User) -> list[str]:
    """All that a key of theirs may be for: presets and models, and what makes vectors."""
    chats = [each.label for each in targets_for(person)]
    known = {name_key(each) for each in chats}
    vectors = snapshot(person).embedders.items()
    others = sorted(served[0].model for key, served in vectors if key not in known)
    return list(dict.fromkeys([*chats, *others]))


def first_unknown(
    person: User, names: Iterable[str], *, besides: Iterable[str] = ()
) -> str:
    """The first of these that is nothing that a key of theirs may be for, nor one of those
    `besides`; "" for none."""
    known = {name_key(each) for each in (*names_for(person), *besides)}
    return next((each for each in names if name_key(each) not in known), "")


def name_to_try(person: User, allowed: list[str]) -> str:
    """A name by which a key for these can ask something now, if any can; "" for none.

    What is up goes first, and models before presets.
    """
    keys = {name_key(each) for each in allowed}
    targets = targets_for(person)
    found = [each for each in targets if not keys or name_key(each.label) in keys]
    found.sort(key=lambda each: (not each.up, not each.taking, each.is_preset))
    return name_to_ask(found[0], snapshot(person).models) if found else ""


def is_over(key: ApiKey, now: datetime) -> bool:
    return key.state_at(now) != ApiKey.State.LIVE
