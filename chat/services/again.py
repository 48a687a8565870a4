"""Asking again for a reply that broke off: for another one, or for its rest."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.draft import Kept
from chat.models import Message
from chat.queries import conversation_and_audience, message_in
from chat.services.conversations import changed, touch
from chat.services.turns import Turn, open_reply, prompt_to
from dashboard.errors import ConversationBusy, ConversationWentOn, NotFound
from dashboard.live.bus import publish
from dashboard.live.events import MessageAdded, MessageReopened
from dashboard.people.models import User
from models_app.queries import target_for
from models_app.serving.ask import Ask

LEAP = 100_000
"""How far `seq` moves on when a reply is reopened.

The sweeper may have closed it while its writer was only stuck, with pages and a draft
further on than the row: nothing of that writer may pass for the new one's.
"""


def retry_reply(
    conversation_id: int, *, message_id: int, person: User, target: str = ""
) -> Turn:
    """Open another reply to the same message; the one that broke off stays as it is.

    Raises `NotFound`, `NothingToAnswer` or `ConversationBusy`, and then nothing has
    changed.
    """
    conversation, audience = conversation_and_audience(person, conversation_id)
    broken = message_in(conversation, message_id)
    if broken.parent is None or not broken.is_unfinished:
        raise _refusal(broken)
    answers = target_for(person, target or broken.target)
    with _opening():
        turn = open_reply(broken.parent, person=person, answers=answers)
        _check_newest(broken, besides=turn.message)
        touch(conversation, target=answers.key)
        publish(
            MessageAdded(conversation.pk, turn.message, key=""),
            *changed(conversation, audience),
        )
    return turn


def continue_reply(conversation_id: int, *, message_id: int, person: User) -> Turn:
    """Reopen a reply, so that its model writes on where the text ends.

    Raises as `retry_reply` does.
    """
    conversation, audience = conversation_and_audience(person, conversation_id)
    reply = message_in(conversation, message_id)
    if not reply.can_go_on:
        raise _refusal(reply)
    answers = target_for(person, reply.target)
    prompt = prompt_to(reply, answers=answers)
    with _opening():
        kept = reopen(reply, left_out=prompt.left_out)
        _check_newest(reply)
        touch(conversation, target=answers.key)
        publish(
            MessageReopened(conversation.pk, reply.pk), *changed(conversation, audience)
        )
    ask = Ask(person, answers.model, prompt.messages, answers.parameters, go_on=True)
    return Turn(conversation.pk, reply.pk, ask, kept)


def _refusal(reply: Message) -> ConversationBusy | NotFound:
    return ConversationBusy() if reply.status == Message.Status.OPEN else NotFound()


@contextmanager
def _opening() -> Iterator[None]:
    """A transaction that opens a reply; `ConversationBusy` while another one is open."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as second:
        raise ConversationBusy from second


def reopen(reply: Message, *, left_out: int) -> Kept:
    """Open the row once, as it was read; what it cost is measured anew."""
    kept = Kept(
        seq=reply.seq + LEAP,
        text=reply.text,
        reasoning=reply.reasoning,
        server=reply.server,
        thought_ms=reply.thought_ms,
    )
    as_read = Message.objects.filter(pk=reply.pk, status=reply.status, seq=reply.seq)
    reopened = as_read.update(
        status=Message.Status.OPEN,
        seq=kept.seq,
        beat_at=timezone.now(),
        stop_requested=False,
        closed_at=None,
        left_out=left_out,
        finish_reason="",
        error_code="",
        error_facts={},
        prompt_tokens=None,
        completion_tokens=None,
        first_token_ms=None,
        total_ms=None,
    )
    if not reopened:
        raise ConversationBusy
    return kept


def _check_newest(reply: Message, *, besides: int = 0) -> None:
    """`ConversationWentOn` for an older reply; once a row is open, nothing is added."""
    newer = Message.objects.filter(
        conversation=reply.conversation_id, pk__gt=reply.pk
    ).exclude(pk=besides)
    if newer.exists():
        raise ConversationWentOn
