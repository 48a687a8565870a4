"""What the templates of the chat are given."""

from collections.abc import Mapping

from django.utils import timezone

from chat.days import by_day
from chat.models import Conversation, Message, Participant
from chat.picker import options_for
from chat.queries import (
    conversation_for,
    conversations_for,
    last_target_of,
    line_of,
    lines_of,
    message_in,
    participants_of,
    teammates_outside,
)
from dashboard.errors import NotFound
from dashboard.people.models import User
from models_app.queries import (
    first_target_for,
    offered_key,
    offered_servers,
    only_the_starter,
)
from models_app.snapshot import look_anew

Context = Mapping[str, object]


def side(person: User) -> Context:
    """The list of conversations."""
    groups = by_day(conversations_for(person), today=timezone.localdate())
    return {"groups": groups}


def choices(person: User, chosen: str) -> Context:
    """The picker; without a choice it proposes the first target that answers."""
    look_anew()
    offered = offered_key(person, chosen)
    proposed = None if chosen else first_target_for(person)
    selected = proposed.key if proposed else offered
    return {
        "options": options_for(person, chosen=selected),
        "gone": "" if offered else chosen,
    }


def new_chat(person: User) -> Context:
    offers = offered_servers() if person.is_superuser else []
    picked = choices(person, last_target_of(person))
    if picked["gone"]:
        picked = choices(person, "")
    return {
        **side(person),
        **picked,
        "starter": only_the_starter(person),
        "offers": offers,
    }


def open_conversation(person: User, pk: int) -> Context:
    conversation = conversation_for(person, pk)
    lines = lines_of(conversation)
    return {
        **side(person),
        **choices(person, conversation.target),
        "conversation": conversation,
        "participants": participants_of(conversation),
        "lines": lines,
        "writing": any(line.message.status == Message.Status.OPEN for line in lines),
        "here": pk,
    }


def another_model(person: User, pk: int, message: int) -> Context:
    """A reply that broke off, and who else could answer."""
    conversation = conversation_for(person, pk)
    broken = message_in(conversation, message)
    if not broken.is_unfinished:
        raise NotFound
    other = first_target_for(person, but=broken.target)
    return {
        **side(person),
        **choices(person, other.key if other else ""),
        "other": other,
        "conversation": conversation,
        "asked": line_of(broken.parent) if broken.parent else None,
        "line": line_of(broken),
        "here": pk,
    }


def people_in(person: User, conversation: Conversation) -> Context:
    participants = list(participants_of(conversation))
    owns = any(
        each.person_id == person.pk and each.role == Participant.Role.OWNER
        for each in participants
    )
    return {
        **side(person),
        "conversation": conversation,
        "participants": participants,
        "owns": owns,
        "teammates": teammates_outside(conversation) if owns else [],
        "here": conversation.pk,
    }
