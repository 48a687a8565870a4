"""A turn: a person's message, the reply row it opens, and how that row is closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.branch import branch_to
from chat.markdown import render
from chat.models import Conversation, Message
from chat.prompt import Prompt, build_prompt
from chat.queries import (
    conversation_and_audience,
    conversation_for,
    message_in,
)
from chat.services.conversations import (
    begin_conversation,
    changed,
    tell_participants,
    touch,
)
from dashboard.errors import ChatError, ConversationBusy, DashboardError, MessageUnfit
from dashboard.live.bus import publish
from dashboard.live.events import MessageAdded, MessageClosed, StopWanted
from dashboard.people.models import User
from models_app.queries import Target, target_for
from models_app.serving.ask import Ask, Done


@dataclass(frozen=True, slots=True)
class Turn:
    """An open reply, and what to ask for it."""

    conversation: int
    message: int
    ask: Ask


@dataclass(frozen=True, slots=True)
class Beat:
    """The state of an open reply that outlives its writer."""

    message: int
    seq: int
    text: str
    reasoning: str
    server: str


@dataclass(frozen=True, slots=True)
class Closing:
    """How a reply ended, and all that is known of it."""

    status: Message.Status
    text: str
    reasoning: str = ""
    server: str = ""
    thought_ms: int | None = None
    done: Done | None = None
    error: DashboardError | None = None


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
    prompt = build_prompt(
        branch_to(said), system=answers.system, context=answers.context
    )
    reply = _open_reply(said, answers=answers, left_out=prompt.left_out)
    touch(conversation, target=answers.key, first_line=said.text)
    # Pages that hear of the message fetch the reply row along with it.
    publish(_added(said), *changed(conversation, audience))
    return Turn(conversation.pk, reply.pk, _ask(person, answers, prompt))


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
    return conversation.pk, turn


def checkpoint(beats: Sequence[Beat]) -> set[int]:
    """Save the open replies of this process; say which of them should end."""
    now = timezone.now()
    rows = [
        Message(
            pk=beat.message,
            seq=beat.seq,
            text=beat.text,
            reasoning=beat.reasoning,
            server=beat.server,
            beat_at=now,
        )
        for beat in beats
    ]
    Message.objects.open().bulk_update(
        rows, ["seq", "text", "reasoning", "server", "beat_at"]
    )
    ours = Message.objects.open().filter(pk__in=[beat.message for beat in beats])
    go_on = set(ours.filter(stop_requested=False).values_list("pk", flat=True))
    return {beat.message for beat in beats} - go_on


def request_stop(conversation_id: int, *, message_id: int, person: User) -> None:
    """Ask the reply's writer to end it; a closed reply stays as it is."""
    message = message_in(conversation_for(person, conversation_id), message_id)
    if Message.objects.open().filter(pk=message.pk).update(stop_requested=True):
        publish(StopWanted(message=message.pk))


@transaction.atomic
def close_reply(message_id: int, closing: Closing) -> None:
    """Close an open reply once; whoever comes second changes nothing."""
    columns = {
        "status": closing.status,
        "text": closing.text,
        "html": render(closing.text),
        "reasoning": closing.reasoning,
        "server": closing.server,
        "thought_ms": closing.thought_ms,
        "closed_at": timezone.now(),
        **_measured(closing.done),
        **_blamed(closing.error),
    }
    if Message.objects.open().filter(pk=message_id).update(**columns):
        message = Message.objects.select_related("conversation").get(pk=message_id)
        publish(
            MessageClosed(message.conversation_id, message.pk, closing.status.value)
        )
        tell_participants(message.conversation)


def close_abandoned(*, before: datetime) -> int:
    """Close as interrupted the replies whose writer has not been heard since `before`."""
    abandoned = Message.objects.open().filter(beat_at__lt=before)
    for message in abandoned:
        closing = Closing(
            status=Message.Status.INTERRUPTED,
            text=message.text,
            reasoning=message.reasoning,
            server=message.server,
        )
        close_reply(message.pk, closing)
    return len(abandoned)


def _added(message: Message) -> MessageAdded:
    key = str(message.key) if message.key else ""
    return MessageAdded(message.conversation_id, message.pk, key)


def _fit(text: str) -> str:
    most = settings.MESSAGE_MAX_LENGTH
    # PostgreSQL stores no NUL, and no page shows one.
    text = text.replace("\0", "").strip()
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


def _open_reply(said: Message, *, answers: Target, left_out: int) -> Message:
    return Message.objects.create(
        conversation=said.conversation,
        parent=said,
        status=Message.Status.OPEN,
        target=answers.key,
        speaker=answers.label,
        left_out=left_out,
        beat_at=timezone.now(),
    )


def _ask(person: User, answers: Target, prompt: Prompt) -> Ask:
    return Ask(
        person=person,
        model=answers.model,
        messages=prompt.messages,
        parameters=answers.parameters,
    )


def _measured(done: Done | None) -> dict[str, object]:
    if done is None:
        return {}
    return {
        "finish_reason": done.reason[:40],
        "prompt_tokens": done.usage.prompt_tokens,
        "completion_tokens": done.usage.completion_tokens,
        "first_token_ms": done.first_token_ms,
        "total_ms": done.total_ms,
    }


def _blamed(error: DashboardError | None) -> dict[str, object]:
    if error is None:
        return {}
    return {"error_code": error.code, "error_facts": error.facts}
