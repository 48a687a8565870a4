"""Which conversations a person is in, and what they may do there."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from chat.models import Conversation, Message, Opening, Participant
from dashboard.errors import NotAllowed, NotFound
from dashboard.people.models import User

OPENINGS_STAY = timedelta(days=7)
"""How long the head of a conversation tells that an administrator has opened it."""


def conversation_for(person: User, conversation_id: int) -> Conversation:
    """The conversation, if the person is in it; a stranger cannot tell that it exists."""
    return place_of(person, conversation_id).conversation


def place_of(person: User, conversation_id: int) -> Participant:
    """The person's place in the conversation, with both read; `NotFound` for a stranger."""
    places = Participant.objects.filter(conversation=conversation_id, person=person.pk)
    place = places.select_related("conversation").first()
    if place is None:
        raise NotFound
    return place


def writer_in(person: User, conversation_id: int) -> Participant:
    """As `place_of`, for somebody who may write; `NotAllowed` for a viewer."""
    return _writing(place_of(person, conversation_id))


def owner_of(person: User, conversation_id: int) -> Participant:
    """As `place_of`, for its owner; `NotAllowed` for the others."""
    place = place_of(person, conversation_id)
    if not place.owns:
        raise NotAllowed
    return place


def writer_and_audience(
    person: User, conversation_id: int
) -> tuple[Participant, list[int]]:
    """As `writer_in`, with the numbers of all the people there, in one query."""
    places = Participant.objects.filter(conversation=conversation_id)
    rows = list(places.select_related("conversation"))
    own = next((row for row in rows if row.person_id == person.pk), None)
    if own is None:
        raise NotFound
    return _writing(own), [row.person_id for row in rows]


def last_target_of(person: User) -> str:
    """Who answered in the person's newest conversation."""
    newest = Conversation.objects.of(person).values_list("target", flat=True)
    return newest.first() or ""


def message_in(conversation: Conversation, message_id: int) -> Message:
    message = conversation.messages.filter(pk=message_id).first()
    if message is None:
        raise NotFound
    return message


def participants_of(conversation: Conversation) -> QuerySet[Participant]:
    return conversation.participants.select_related("person").order_by("pk")


def participant_in(conversation: Conversation, person_id: int) -> Participant:
    """The place of somebody else in a conversation; `NotFound` where they are not in."""
    place = participants_of(conversation).filter(person=person_id).first()
    if place is None:
        raise NotFound
    return place


def openings_of(conversation: Conversation) -> QuerySet[Opening]:
    return conversation.openings.select_related("administrator")


def recent_openings_of(conversation: Conversation) -> QuerySet[Opening]:
    since = timezone.now() - OPENINGS_STAY
    return openings_of(conversation).filter(opened_at__gt=since)


def opening_by(administrator: User, conversation_id: int) -> Opening | None:
    """The administrator's own opening that has not ended, if there is one."""
    if not administrator.is_superuser:
        return None
    lasting = Opening.objects.filter(
        conversation=conversation_id,
        administrator=administrator,
        ends_at__gt=timezone.now(),
    )
    return lasting.select_related("conversation").first()


def teammates_outside(conversation: Conversation) -> QuerySet[User]:
    """Whom an owner can let in: everybody with an account who is not in yet."""
    outside = User.objects.filter(is_active=True)
    return outside.exclude(participations__conversation=conversation).order_by(
        "username"
    )


def _writing(place: Participant) -> Participant:
    if not place.may_write:
        raise NotAllowed
    return place
