"""Replies that no server had been asked for when their writer died: nothing is lost of
them, so they are asked for once more, in the same row."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chat.draft import Kept
from chat.models import LEAP, Message
from chat.queries import writer_and_audience
from chat.services.replies import Closing, close_reply
from chat.services.turns import Turn, asked_of, prompt_to, recipe_of
from chat.services.windows import wide_for
from dashboard.errors import DashboardError, NotFound
from dashboard.live.bus import publish
from dashboard.live.events import MessageReopened
from models_app.queries import target_for

UNHEARD = timedelta(seconds=12)
"""By then nobody holds the place in line any more that its writer had: it would count as
one more reply of the same person."""


def take_up(*, before: datetime) -> list[Turn]:
    """The turns of those whose writer has not been heard since `before`.

    However many processes ask, each turn goes to one of them. What may not be asked any
    more is closed as failed, with the reason.
    """
    left = Message.objects.unbegun().filter(beat_at__lt=before)
    return list(_taken(left.select_related("asked_by", "parent").order_by("pk")))


def hand_on(message_id: int, *, seq: int) -> None:
    """Leave an open reply to whichever process looks next, for its writer ends."""
    ours = Message.objects.open().filter(pk=message_id, seq__lte=seq)
    ours.update(beat_at=timezone.now() - UNHEARD)


def _taken(left: Iterable[Message]) -> Iterator[Turn]:
    for reply in left:
        try:
            turn = _asked_anew(reply)
        except DashboardError as failure:
            closing = Closing(Message.Status.FAILED, reply.seq, "", error=failure)
            close_reply(reply.pk, closing)
            continue
        if turn is not None:
            yield turn


@transaction.atomic
def _asked_anew(reply: Message) -> Turn | None:
    """The same question once more; None where another process has it."""
    person, said, place = reply.asked_by, reply.parent, reply.conversation_id
    if person is None or said is None:
        raise NotFound
    writer_and_audience(person, place)
    answers = target_for(person, reply.target)
    wide = wide_for(person, answers, reply.window or 0)
    prompt = prompt_to(said, answers=answers, wide=wide)
    kept = Kept(seq=reply.seq + LEAP)
    as_read = Message.objects.unbegun().filter(pk=reply.pk, seq=reply.seq)
    now, left_out = timezone.now(), prompt.left_out
    if not as_read.update(seq=kept.seq, beat_at=now, left_out=left_out, way={}):
        return None
    publish(MessageReopened(place, reply.pk))
    ask = asked_of(person, answers, prompt, wide, conversation=place)
    return Turn(place, reply.pk, ask, kept, recipe_of(answers))
