"""Beginning a conversation, its title, and who is in it."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from chat.models import Conversation, Participant
from chat.queries import conversation_for
from dashboard.errors import NotAllowed, NotFound
from dashboard.live.bus import publish
from dashboard.live.events import ConversationChanged
from dashboard.people.models import User

TITLE_LENGTH = 80


@transaction.atomic
def begin_conversation(owner: User) -> Conversation:
    """An empty conversation of one person."""
    conversation = Conversation.objects.create()
    Participant.objects.create(
        conversation=conversation, person=owner, role=Participant.Role.OWNER
    )
    return conversation


@transaction.atomic
def add_participant(conversation_id: int, *, by: User, username: str) -> User:
    """Let a teammate in; only the owner may. Someone who is in already stays in."""
    conversation = conversation_for(by, conversation_id)
    owners = conversation.participants.filter(role=Participant.Role.OWNER)
    if not owners.filter(person=by).exists():
        raise NotAllowed
    teammate = User.objects.filter(username=username, is_active=True).first()
    if teammate is None:
        raise NotFound
    Participant.objects.get_or_create(conversation=conversation, person=teammate)
    tell_participants(conversation)
    return teammate


def touch(conversation: Conversation, *, target: str, first_line: str = "") -> None:
    """Move the conversation to the top of the lists, and name it if it has no name."""
    conversation.target = target
    conversation.title = conversation.title or title_from(first_line)
    conversation.touched_at = timezone.now()
    conversation.save(update_fields=["target", "title", "touched_at"])


def tell_participants(conversation: Conversation) -> None:
    """Tell every participant's pages that something about it has changed."""
    people = conversation.participants.values_list("person", flat=True)
    publish(*changed(conversation, people))


def changed(
    conversation: Conversation, audience: Iterable[int]
) -> list[ConversationChanged]:
    return [ConversationChanged(person, conversation.pk) for person in audience]


def title_from(text: str) -> str:
    """The first line that says something, cut at a word."""
    line = next((line.strip(" #*`>") for line in text.splitlines() if line.strip()), "")
    if len(line) <= TITLE_LENGTH:
        return line
    cut = line[:TITLE_LENGTH]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut[40:] else cut}…"
