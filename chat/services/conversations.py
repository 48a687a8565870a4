"""Beginning a conversation, its title, its end, and telling its people of a change."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from chat.models import Conversation, Message, MessageQuerySet, Participant
from chat.queries import owner_of, writer_in
from dashboard.errors import NotFound, TitleUnfit
from dashboard.live.bus import publish
from dashboard.live.events import (
    ConversationChanged,
    ConversationLeft,
    HeadChanged,
    StopWanted,
)
from dashboard.people.models import User

TITLE_LENGTH = 80
LONGEST_TITLE = 120


@transaction.atomic
def begin_conversation(owner: User) -> Conversation:
    """An empty conversation of one person."""
    conversation = Conversation.objects.create()
    Participant.objects.create(
        conversation=conversation, person=owner, role=Participant.Role.OWNER
    )
    return conversation


def lock(conversation_id: int) -> Conversation:
    """Hold the conversation to the end of the transaction; `NotFound` if it is gone.

    One at a time grows its tree or changes its people. SQLite lets one write at a time
    anyway.
    """
    held = Conversation.objects.select_for_update().filter(pk=conversation_id).first()
    if held is None:
        raise NotFound
    return held


def touch(conversation: Conversation, *, target: str, first_line: str = "") -> None:
    """Move the conversation to the top of the lists, and name it if it has no name.

    Pages show what there is to say of its target, and hear of another one.
    """
    if conversation.target not in ("", target):
        publish(HeadChanged(conversation.pk))
    conversation.target = target
    conversation.title = conversation.title or title_from(first_line)
    conversation.touched_at = timezone.now()
    conversation.save(update_fields=["target", "title", "touched_at"])


@transaction.atomic
def rename_conversation(conversation_id: int, *, title: str, person: User) -> None:
    """Give it another title of one line; any writer may."""
    conversation = writer_in(person, conversation_id).conversation
    line = " ".join(title.split())
    if not 1 <= len(line) <= LONGEST_TITLE:
        raise TitleUnfit(most=LONGEST_TITLE)
    Conversation.objects.filter(pk=conversation.pk).update(title=line)
    tell_participants(conversation)


@transaction.atomic
def delete_conversation(conversation_id: int, *, person: User) -> None:
    """Delete all of it for everybody; a reply that is being written there ends.

    Only its owner may.
    """
    lock(conversation_id)
    erase(owner_of(person, conversation_id).conversation)


def erase(conversation: Conversation) -> None:
    """Delete all of it, within the transaction of whoever may, and tell its people."""
    people = audience_of(conversation)
    left = [ConversationLeft(each, conversation.pk) for each in people]
    stops = stops_of(Message.objects.filter(conversation=conversation))
    conversation.delete()
    publish(*stops, *left)


def stops_of(messages: MessageQuerySet) -> list[StopWanted]:
    """What ends the replies among these messages that are being written."""
    return [StopWanted(reply) for reply in messages.open().values_list("pk", flat=True)]


def audience_of(conversation: Conversation) -> list[int]:
    """The numbers of all who are in the conversation."""
    return list(conversation.participants.values_list("person", flat=True))


def tell_participants(conversation: Conversation) -> None:
    """Tell its people that its title, its people or their roles have changed."""
    news = changed(conversation, audience_of(conversation))
    publish(HeadChanged(conversation.pk), *news)


def changed(
    conversation: Conversation, audience: Iterable[int]
) -> list[ConversationChanged]:
    """What tells the lists of these people that something was said."""
    return [ConversationChanged(person, conversation.pk) for person in audience]


def title_from(text: str) -> str:
    """The first line that says something, cut at a word."""
    line = next((line.strip(" #*`>") for line in text.splitlines() if line.strip()), "")
    if len(line) <= TITLE_LENGTH:
        return line
    cut = line[:TITLE_LENGTH]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut[40:] else cut}…"
