"""A turn: a person's message, and the reply row it opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.branch import branch_to
from chat.draft import NOTHING, Kept
from chat.markdown import render
from chat.models import Conversation, Message
from chat.prompt import Prompt, build_prompt
from chat.queries import conversation_and_audience
from chat.services.conversations import (
    begin_conversation,
    changed,
    touch,
)
from dashboard.errors import ChatError, ConversationBusy, MessageUnfit
from dashboard.live.bus import publish
from dashboard.live.events import MessageAdded
from dashboard.people.models import User
from models_app.queries import Target, target_for
from models_app.serving.ask import Ask


@dataclass(frozen=True, slots=True)
class Turn:
    """An open reply, and what to ask for it."""

    conversation: int
    message: int
    ask: Ask
    kept: Kept = NOTHING


def start_turn(
    conversation_id: int, *, person: User, text: str, key: UUID, target: str = ""
) -> Turn | None:
    """Keep what the person said and open the reply; None when the key is known already.

    Raises `NotFound`, `MessageUnfit`, `NothingToAnswer` or `ConversationBusy`, and then
    nothing has changed.
    """
    conversation, audience = conversation_and_audience(person, conversation_id)
    try:
        answers = target_for(person, target or conversation.target)
        return _write_turn(
            conversation,
            person=person,
            text=_fit(text),
            key=key,
            answers=answers,
            audience=audience,
        )
    except (ChatError, IntegrityError) as failure:
        # Asked only now: a resend is rare, and each query costs the first token time.
        if _said_before(person, key):
            return None
        if isinstance(failure, ChatError):
            raise
        raise ConversationBusy from failure


@transaction.atomic
def _write_turn(
    conversation: Conversation,
    *,
    person: User,
    text: str,
    key: UUID,
    answers: Target,
    audience: Sequence[int],
) -> Turn:
    said = _say(conversation, person=person, text=text, key=key)
    turn = open_reply(said, person=person, answers=answers)
    touch(conversation, target=answers.key, first_line=said.text)
    # Pages that hear of the message fetch the reply row along with it.
    publish(_added(said), *changed(conversation, audience))
    return turn


def _said_before(person: User, key: UUID) -> bool:
    """Whether this key is known; then its page is told that the message is in."""
    known = Message.objects.filter(author=person, key=key)
    for message in known.only("conversation", "key"):
        publish(_added(message))
        return True
    return False


@transaction.atomic
def begin_turn(
    person: User, *, text: str, key: UUID, target: str = ""
) -> tuple[int, Turn | None]:
    """A conversation with its first turn, or neither; a known key leads to where it is."""
    known = Message.objects.filter(author=person, key=key).first()
    if known is not None:
        return known.conversation_id, None
    conversation = begin_conversation(person)
    turn = start_turn(conversation.pk, person=person, text=text, key=key, target=target)
    if turn is None:
        # The same key came twice at once: the other one has the conversation.
        conversation.delete()
        return Message.objects.get(author=person, key=key).conversation_id, None
    return conversation.pk, turn


def _added(message: Message) -> MessageAdded:
    key = str(message.key) if message.key else ""
    return MessageAdded(message.conversation_id, message.pk, key)


def _fit(text: str) -> str:
    most = settings.MESSAGE_MAX_LENGTH
    # PostgreSQL stores no NUL, and nothing stores half of a surrogate pair.
    text = text.replace("\0", "").encode(errors="replace").decode().strip()
    if not 0 < len(text) <= most:
        raise MessageUnfit(most=most)
    return text


def _say(conversation: Conversation, *, person: User, text: str, key: UUID) -> Message:
    return Message.objects.create(
        conversation=conversation,
        parent_id=_last_of(conversation),
        author=person,
        key=key,
        status=Message.Status.SAID,
        text=text,
        html=render(text, breaks=True),
    )


def _last_of(conversation: Conversation) -> int | None:
    newest = conversation.messages.order_by("-pk")
    return newest.values_list("pk", flat=True).first()


def open_reply(said: Message, *, person: User, answers: Target) -> Turn:
    """Open a reply to a message; the database refuses a second in one conversation."""
    prompt = prompt_to(said, answers=answers)
    reply = Message.objects.create(
        conversation_id=said.conversation_id,
        parent=said,
        status=Message.Status.OPEN,
        target=answers.key,
        speaker=answers.label,
        left_out=prompt.left_out,
        beat_at=timezone.now(),
    )
    ask = Ask(person, answers.model, prompt.messages, answers.parameters)
    return Turn(said.conversation_id, reply.pk, ask)


def prompt_to(message: Message, *, answers: Target) -> Prompt:
    """What the target is shown of the conversation up to this message."""
    branch = branch_to(message)
    return build_prompt(branch, system=answers.system, context=answers.context)
