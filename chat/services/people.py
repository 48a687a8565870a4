"""Who is in a conversation, and in which role."""

from django.db import transaction

from chat.models import Conversation, Participant, ShareLink
from chat.queries import owner_of, participant_in, place_of
from chat.services.conversations import erase, lock, tell_participants
from dashboard.errors import NotAllowed, NotFound, StillOwned
from dashboard.live.bus import publish
from dashboard.live.events import ConversationLeft, PlaceChanged
from dashboard.people.models import User

GRANTED = (Participant.Role.MEMBER, Participant.Role.VIEWER)
"""The roles that an owner gives; there is one owner, and that is handed over."""


@transaction.atomic
def add_participant(
    conversation_id: int, *, by: User, username: str, role: str = GRANTED[0]
) -> User:
    """Let a teammate in; only the owner may. Someone who is in already stays as they are."""
    conversation = _locked(owner_of(by, conversation_id))
    teammate = User.objects.filter(username=username, is_active=True).first()
    if teammate is None:
        raise NotFound
    conversation.participants.get_or_create(
        person=teammate, defaults={"role": granted(role)}
    )
    tell_participants(conversation)
    return teammate


@transaction.atomic
def change_role(conversation_id: int, *, by: User, person_id: int, role: str) -> User:
    """Make a member a viewer, or the other way round; only the owner may."""
    conversation = _locked(owner_of(by, conversation_id))
    place = participant_in(conversation, person_id)
    if place.owns:
        raise NotAllowed
    conversation.participants.filter(pk=place.pk).update(role=granted(role))
    publish(PlaceChanged(person_id, conversation_id))
    tell_participants(conversation)
    return place.person


@transaction.atomic
def remove_participant(conversation_id: int, *, by: User, person_id: int) -> User:
    """Take a person out, their open pages included; only the owner may.

    Every open link ends: the person may know one. What they typed and did not send stays.
    """
    conversation = _locked(owner_of(by, conversation_id))
    place = participant_in(conversation, person_id)
    if place.owns:
        raise StillOwned
    ShareLink.objects.open().filter(conversation=conversation).delete()
    _take_out(place)
    return place.person


@transaction.atomic
def leave_conversation(conversation_id: int, *, person: User) -> None:
    """Go; an owner hands over first, and with the last one the conversation goes too."""
    place = place_of(person, conversation_id)
    conversation = _locked(place)
    others = conversation.participants.exclude(pk=place.pk)
    if not others.exists():
        erase(conversation)
    elif place.owns:
        raise StillOwned
    else:
        _take_out(place)


@transaction.atomic
def hand_over(conversation_id: int, *, by: User, person_id: int) -> User:
    """Make another one the owner, and the owner a member; not somebody who is disabled."""
    own = owner_of(by, conversation_id)
    conversation = _locked(own)
    heir = participant_in(conversation, person_id)
    if heir.pk == own.pk or not heir.person.is_active:
        raise NotFound
    places = conversation.participants
    places.filter(pk=own.pk).update(role=Participant.Role.MEMBER)
    places.filter(pk=heir.pk).update(role=Participant.Role.OWNER)
    for each in (by.pk, person_id):
        publish(PlaceChanged(each, conversation_id))
    tell_participants(conversation)
    return heir.person


@transaction.atomic
def pass_on_ownerless() -> int:
    """Give conversations whose owner's account is gone or disabled to the oldest member.

    A viewer where nobody may write. Returns how many were given.
    """
    active = Participant.objects.filter(person__is_active=True)
    owned = active.filter(role=Participant.Role.OWNER).values("conversation")
    orphans = active.exclude(conversation__in=owned).order_by("role", "pk")
    heirs: dict[int, Participant] = {}
    for each in orphans:
        heirs.setdefault(each.conversation_id, each)
    for heir in heirs.values():
        conversation = lock(heir.conversation_id)
        places = conversation.participants
        places.filter(role=Participant.Role.OWNER).update(role=Participant.Role.MEMBER)
        places.filter(pk=heir.pk).update(role=Participant.Role.OWNER)
        publish(PlaceChanged(heir.person_id, conversation.pk))
        tell_participants(conversation)
    return len(heirs)


def granted(role: str) -> Participant.Role:
    """The role, if it is one to give."""
    if role not in GRANTED:
        raise NotAllowed
    return Participant.Role(role)


def _locked(place: Participant) -> Conversation:
    """Hold the conversation, and see that the place is what it was a moment ago."""
    conversation = lock(place.conversation_id)
    if not conversation.participants.filter(pk=place.pk, role=place.role).exists():
        raise NotAllowed
    return conversation


def _take_out(place: Participant) -> None:
    place.delete()
    publish(ConversationLeft(place.person_id, place.conversation_id))
    tell_participants(place.conversation)
