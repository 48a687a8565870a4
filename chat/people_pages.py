"""What the templates about the people of a conversation are given."""

from django.utils.translation import gettext as _

from chat.forms import ROLES
from chat.lines import lines_to
from chat.models import Conversation, Participant, ShareLink
from chat.pages import Context, beside, side
from chat.queries import (
    opening_by,
    openings_of,
    owner_of,
    participant_in,
    participants_of,
    place_of,
    teammates_outside,
)
from chat.services.share_links import Lifetime, gives_more, open_link
from dashboard.errors import NotAllowed, NotFound, StillOwned
from dashboard.people.models import User


def people_in(person: User, conversation: Conversation) -> Context:
    """Who is in; for the owner also who else could be, and by which links."""
    place = place_of(person, conversation.pk)
    participants = list(participants_of(conversation))
    return {
        **beside(person, place),
        "participants": participants,
        "alone_here": len(participants) == 1,
        "openings": openings_of(conversation),
        "owns": place.owns,
        **(_of_owner(conversation) if place.owns else {}),
    }


def _of_owner(conversation: Conversation) -> Context:
    links = ShareLink.objects.open().filter(conversation=conversation)
    return {
        "teammates": teammates_outside(conversation),
        "links": links.select_related("created_by").order_by("expires_at"),
        "roles": ROLES,
        "lifetimes": Lifetime.choices,
        "lifetime": Lifetime.DAY,
    }


def removal(person: User, pk: int, other: int) -> Context:
    """The question before somebody is taken out."""
    name = _someone_else(person, pk, other).person.name
    return {
        **beside(person, owner_of(person, pk)),
        "question": _("Remove %(name)s from this conversation?") % {"name": name},
        "consequence": _(
            "Their open pages of it close at once, and all links that are still open "
            "end. What they said stays."
        ),
        "doing": _("Remove"),
        "grave": True,
    }


def handing_over(person: User, pk: int, other: int) -> Context:
    """The question before somebody else becomes the owner."""
    heir = _someone_else(person, pk, other).person
    if not heir.is_active:
        raise NotFound
    return {
        **beside(person, owner_of(person, pk)),
        "question": _("Make %(name)s the owner?") % {"name": heir.name},
        "consequence": _(
            "You stay in as a member. Only the new owner can give it back to you."
        ),
        "doing": _("Hand over"),
    }


def leaving(person: User, pk: int) -> Context:
    """The question before the person goes; `StillOwned` for an owner with others in."""
    place = place_of(person, pk)
    others = place.conversation.participants.exclude(pk=place.pk).exists()
    if place.owns and others:
        raise StillOwned
    gone = _("You are the last one here: the conversation is deleted for good.")
    stays = _(
        "What you said stays with the others. To come back, ask one of them to let you in."
    )
    return {
        **beside(person, place),
        "question": _("Leave this conversation?"),
        "consequence": stays if others else gone,
        "doing": _("Leave") if others else _("Leave and delete"),
        "grave": True,
    }


def invitation(person: User, token: str) -> Context:
    """Who invites to what by this link, and where the person stands already."""
    link = open_link(token)
    places = Participant.objects.filter(conversation=link.conversation, person=person)
    place = places.first()
    return {
        "link": link,
        "conversation": link.conversation,
        "place": place,
        "joins": place is None or gives_more(place, link),
    }


def reading_of(person: User, pk: int, *, at: int, before: int) -> Context:
    """The conversation for an administrator who has said why; `NotFound` for the rest."""
    opening = opening_by(person, pk)
    if opening is None:
        raise NotFound
    return {
        **side(person),
        "conversation": opening.conversation,
        "opening": opening,
        "stretch": lines_to(pk, at=at, before=before),
        "at": at,
        "before": before,
    }


def _someone_else(person: User, pk: int, other: int) -> Participant:
    """Somebody whom the owner may do something with; that is never the owner."""
    conversation = owner_of(person, pk).conversation
    place = participant_in(conversation, other)
    if place.owns:
        raise NotAllowed
    return place
