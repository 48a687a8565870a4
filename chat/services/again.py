"""Asking again: for another reply to the same message, or for the rest of one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.draft import Kept
from chat.models import LEAP, Message
from chat.queries import message_in, writer_and_audience
from chat.services.conversations import changed, lock, touch
from chat.services.places import stand, take_along
from chat.services.turns import Turn, asked_of, open_reply, prompt_to, recipe_of
from chat.services.windows import wide_for
from dashboard.errors import ConversationBusy, ConversationWentOn, NotFound
from dashboard.live.bus import publish
from dashboard.live.events import MessageAdded, MessageReopened
from dashboard.people.models import User
from models_app.queries import target_for


def retry_reply(
    conversation_id: int,
    *,
    message_id: int,
    person: User,
    target: str = "",
    window: int = 0,
) -> Turn:
    """Open another reply to the same message; the one that is there stays, beside it.

    Whoever looks at a reply that broke off is taken along to the new one. Raises
    `NotFound`, `NotAllowed`, `NothingToAnswer`, `WindowNotOffered`, `ConversationBusy`, or,
    once more was said under what broke off, `ConversationWentOn`, and then nothing has
    changed. A `window` that the earlier reply was asked with is kept.
    """
    with _opening():
        conversation = lock(conversation_id)
        place, audience = writer_and_audience(person, conversation_id)
        earlier = message_in(conversation, message_id)
        said = earlier.parent if earlier.is_reply else earlier
        if said is None or earlier.status == Message.Status.OPEN:
            raise ConversationBusy
        if earlier.is_unfinished and earlier.children.exists():
            # A page that still shows it as the last would leave out of sight what follows.
            raise ConversationWentOn
        answers = target_for(person, target or earlier.target or conversation.target)
        again = earlier.window or 0 if earlier.target == answers.key else 0
        wish = window or (again if wide_for(person, answers, again) else 0)
        turn = open_reply(said, person=person, answers=answers, window=wish)
        stand(place, at=turn.message)
        if earlier.is_unfinished:
            take_along(place, old=earlier.pk, new=turn.message)
        touch(conversation, target=answers.key)
        publish(
            MessageAdded(conversation.pk, turn.message, parent=said.pk),
            *changed(conversation, audience),
        )
    return turn


def continue_reply(conversation_id: int, *, message_id: int, person: User) -> Turn:
    """Reopen a reply, so that its model writes on where the text ends.

    Raises as `retry_reply` does, and `ConversationWentOn` once more was said under it.
    """
    with _opening():
        conversation = lock(conversation_id)
        _, audience = writer_and_audience(person, conversation_id)
        reply = message_in(conversation, message_id)
        if not reply.can_go_on:
            raise _refusal(reply)
        if reply.children.exists():
            raise ConversationWentOn
        answers = target_for(person, reply.target)
        wide = wide_for(person, answers, reply.window or 0)
        prompt = prompt_to(reply, answers=answers, wide=wide)
        kept = reopen(reply, left_out=prompt.left_out, asked_by=person)
        touch(conversation, target=answers.key)
        publish(
            MessageReopened(conversation.pk, reply.pk), *changed(conversation, audience)
        )
    asked = asked_of(person, answers, prompt, wide, conversation=conversation_id)
    ask = replace(asked, go_on=True)
    return Turn(conversation.pk, reply.pk, ask, kept, recipe_of(answers))


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


def reopen(reply: Message, *, left_out: int, asked_by: User) -> Kept:
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
        asked_by=asked_by,
        seq=kept.seq,
        beat_at=timezone.now(),
        stop_requested=False,
        stopped_by=None,
        closed_at=None,
        left_out=left_out,
        finish_reason="",
        error_code="",
        error_facts={},
        alarm={},
        least_sent=None,
        prompt_tokens=None,
        completion_tokens=None,
        first_token_ms=None,
        total_ms=None,
        ticket="",
        way={},
    )
    if not reopened:
        raise ConversationBusy
    return kept
