"""What changes the people of the house."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from dashboard.errors import LinkSpent
from dashboard.live.bus import publish
from dashboard.live.events import SessionsEnded
from dashboard.people.models import Invite, User

FIRST_LINK_LIVES = timedelta(hours=1)


def administrator_exists() -> bool:
    return User.objects.filter(is_superuser=True, is_active=True).exists()


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def fresh_token() -> str:
    return secrets.token_urlsafe(24)


def invite_path(token: str) -> str:
    return reverse("invite", args=[token])


def seal_invite(invite: Invite) -> str:
    """Give an unsaved invite its token and return the path of its link, shown once."""
    token = fresh_token()
    invite.token_hash = token_hash(token)
    return invite_path(token)


def first_administrator_link() -> str | None:
    """A fresh path that makes the first administrator; None when there is one."""
    if administrator_exists():
        return None
    Invite.objects.filter(first=True, used_at=None).delete()
    invite = Invite(
        note="first administrator",
        administrator=True,
        first=True,
        expires_at=timezone.now() + FIRST_LINK_LIVES,
    )
    path = seal_invite(invite)
    invite.save()
    return path


def ensure_administrator(username: str, password: str) -> bool:
    """Make that administrator when nobody has an account yet; say whether it was made."""
    if User.objects.exists():
        return False
    User.objects.create_superuser(username=username, password=password)
    return True


def open_invite(token: str) -> Invite:
    """The invite behind a link; `LinkSpent` when it can no longer be accepted."""
    invite = Invite.objects.open().filter(token_hash=token_hash(token)).first()
    if invite is None or (invite.first and administrator_exists()):
        raise LinkSpent
    return invite


@transaction.atomic
def accept_invite(token: str, *, newcomer: User) -> User:
    """Save the newcomer's account; whoever comes second finds the link spent."""
    invite = open_invite(token)
    taken = Invite.objects.open().filter(pk=invite.pk).update(used_at=timezone.now())
    if not taken:
        raise LinkSpent
    newcomer.is_staff = newcomer.is_superuser = invite.administrator
    newcomer.save()
    newcomer.groups.set(invite.groups.all())
    Invite.objects.filter(pk=invite.pk).update(used_by=newcomer)
    return newcomer


def reset_path(person: User) -> str:
    """The path of a link by which the person sets a new password, once, within a day."""
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    token = default_token_generator.make_token(person)
    return reverse("password-reset", args=[uid, token])


def end_sessions(person: User) -> None:
    """Close every open page's socket; a session that no longer counts goes to sign-in."""
    publish(SessionsEnded(person=person.pk))


def disable_account(person: User) -> None:
    """Let nobody in by this account any more, and end what it has open."""
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions(person)
