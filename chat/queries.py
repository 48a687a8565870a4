"""What a person may read of the conversations."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe

from chat.blocks import split
from chat.markdown import render
from chat.models import Conversation, Message, Participant
from dashboard.errors import NotFound
from dashboard.people.models import User
from dashboard.sentences import sentence_for

LISTED = 200
"""How many conversations the side shows; the rest is found by search."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message as a page shows it: finished HTML, and the open text after it."""

    message: Message
    html: SafeString
    rest: str
    error: str

    @property
    def version(self) -> str:
        """Changes whenever the line would look different."""
        return f"{self.message.status}.{self.message.seq}"

    @property
    def tokens_per_second(self) -> float | None:
        """Over the time after the first token, in which the first itself does not count."""
        message = self.message
        if not message.completion_tokens or message.first_token_ms is None:
            return None
        writing = (message.total_ms or 0) - message.first_token_ms
        return (message.completion_tokens - 1) * 1000 / writing if writing > 0 else None


def conversation_for(person: User, conversation_id: int) -> Conversation:
    """The conversation, if the person is in it; a stranger cannot tell that it exists."""
    conversation = Conversation.objects.of(person).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound
    return conversation


def conversation_and_audience(
    person: User, conversation_id: int
) -> tuple[Conversation, list[int]]:
    """As `conversation_for`, with the numbers of all its people, in one query."""
    places = Participant.objects.filter(conversation=conversation_id)
    rows = list(places.select_related("conversation"))
    audience = [row.person_id for row in rows]
    if person.pk not in audience:
        raise NotFound
    return rows[0].conversation, audience


def conversations_for(person: User) -> list[Conversation]:
    """The newest first, each with its people."""
    newest = Conversation.objects.of(person).prefetch_related("participants__person")
    return list(newest[:LISTED])


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


def teammates_outside(conversation: Conversation) -> QuerySet[User]:
    """Whom an owner can let in: everybody with an account who is not in yet."""
    outside = User.objects.filter(is_active=True)
    return outside.exclude(participations__conversation=conversation).order_by(
        "username"
    )


def lines_of(conversation: Conversation, *, after: int = 0) -> list[Line]:
    """The messages with a number above `after`, oldest first."""
    rows = conversation.messages.filter(pk__gt=after).select_related("author")
    return [line_of(row) for row in rows.order_by("pk")]


def line_of(message: Message) -> Line:
    if message.status != Message.Status.OPEN:
        # Both ways the HTML is our own renderer's, sanitised there.
        html, rest = mark_safe(message.html), ""  # noqa: S308
    else:
        finished, rest = split(message.text)
        html = render("".join(finished))
    return Line(message=message, html=html, rest=rest, error=_error(message))


def _error(message: Message) -> str:
    if not message.error_code:
        return ""
    return sentence_for(message.error_code, message.error_facts)
