"""Keys for programs: made, shown once, found again, and revoked."""

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from dashboard.errors import KeyNameTaken, NotAllowed
from dashboard.people.models import User
from models_app.models import ApiKey
from models_app.rights import may_change_keys

SIGN: Final = "pdk-"
"""What every key begins with, so that a search for leaked ones can find them."""
SHAPE: Final = re.compile(rf"{SIGN}[A-Za-z0-9_-]{{43}}")
PREFIX: Final = 12
"""Characters of a secret that are kept as they are."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key and, for this once, its secret."""

    key: ApiKey
    secret: str


def make_key(
    person: User,
    name: str,
    *,
    allowed_models: Sequence[str] = (),
    requests_a_minute: int | None = None,
    expires_at: datetime | None = None,
) -> NewKey:
    """A new key of a person; nobody can read its secret again.

    `KeyNameTaken` when they have one of this name; one that has expired gives it up.
    """
    secret, now = SIGN + secrets.token_urlsafe(32), timezone.now()
    with _own_name(name), transaction.atomic():
        person.api_keys.expired(now).filter(name=name).update(revoked_at=now)
        key = person.api_keys.create(
            name=name,
            prefix=secret[:PREFIX],
            digest=digest_of(secret),
            allowed_models=list(allowed_models),
            requests_a_minute=requests_a_minute,
            expires_at=expires_at,
        )
    return NewKey(key, secret)


def revoke_key(key: ApiKey, *, by: User) -> None:
    """It lets nobody in any more, a second from now at the latest."""
    if key.person_id != by.pk and not may_change_keys(by):
        raise NotAllowed
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())


def may_be_key(secret: str) -> bool:
    """Whether it looks like one of ours; the database is not asked for anything else."""
    return SHAPE.fullmatch(secret) is not None


def key_of(secret: str) -> ApiKey | None:
    """The key of this secret with its person, if both may be used now."""
    if not may_be_key(secret):
        return None
    live = ApiKey.objects.live(timezone.now()).select_related("person")
    row = live.filter(prefix=secret[:PREFIX], person__is_active=True).first()
    known = row is not None and secrets.compare_digest(row.digest, digest_of(secret))
    return row if known else None


def note_use(key: int) -> None:
    """It was used just now."""
    ApiKey.objects.filter(pk=key).update(used_at=timezone.now())


@contextmanager
def _own_name(name: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as taken:
        raise KeyNameTaken(name=name) from taken


def digest_of(secret: str) -> str:
    """A secret of 256 random bits needs no slow hash."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
