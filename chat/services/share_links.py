"""Links that let teammates into a conversation while they last."""

from datetime import timedelta

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models import Participant, ShareLink
from chat.queries import owner_of
from chat.services.conversations import lock, tell_participants
from chat.services.people import granted
from dashboard.errors import LinkSpent, NotFound
from dashboard.live.bus import publish
from dashboard.live.events import PlaceChanged
from dashboard.people.models import User
from dashboard.people.services import fresh_token, token_hash


class Lifetime(models.IntegerChoices):
    """For how many hours a link lets people in."""

    HOUR = 1, _("1 hour")
    DAY = 24, _("1 day")
    WEEK = 7 * 24, _("7 days")
    MONTH = 30 * 24, _("30 days")


def make_share_link(
    conversation_id: int, *, by: User, role: str, lifetime: Lifetime
) -> str:
    """Make a link and return its path, which nobody can look up later."""
    conversation = owner_of(by, conversation_id).conversation
    token = fresh_token()
    ShareLink.objects.create(
        conversation=conversation,
        token_hash=token_hash(token),
        role=granted(role),
        created_by=by,
        expires_at=timezone.now() + timedelta(hours=lifetime),
    )
    return reverse("conversation-join", args=[token])


def end_share_link(conversation_id: int, *, by: User, link_id: int) -> None:
    """Let nobody in by this link any more; only the owner may end it."""
    conversation = owner_of(by, conversation_id).conversation
    ended, _rows = ShareLink.objects.filter(
        conversation=conversation, pk=link_id
    ).delete()
    if not ended:
        raise NotFound


def open_link(token: str) -> ShareLink:
    """The link of that token; `LinkSpent` when it lets nobody in any more."""
    links = ShareLink.objects.open().filter(token_hash=token_hash(token))
    link = links.select_related("conversation", "created_by").first()
    if link is None:
        raise LinkSpent
    return link


@transaction.atomic
def join_by_link(token: str, *, person: User) -> int:
    """Let the person in and return the conversation's number.

    Whoever is in already stays in; a viewer becomes a member where the link says so.
    """
    lock(open_link(token).conversation_id)
    # Once more: whoever was removed meanwhile does not come back by a link that ended.
    link = open_link(token)
    place, is_new = Participant.objects.get_or_create(
        conversation=link.conversation, person=person, defaults={"role": link.role}
    )
    if not is_new and not gives_more(place, link):
        return link.conversation_id
    Participant.objects.filter(pk=place.pk).update(role=link.role)
    publish(PlaceChanged(person.pk, link.conversation_id))
    tell_participants(link.conversation)
    return link.conversation_id


def gives_more(place: Participant, link: ShareLink) -> bool:
    """Whether the link gives the person more than they have."""
    return not place.may_write and link.role == Participant.Role.MEMBER
