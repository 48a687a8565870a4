"""Replies that no server had been asked for when their writer died: nothing is lost of
them, so they are asked for once more, in the same row."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chat.draft import Kept
from chat.models import HANDED_ON, LEAP, Message
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


@dataclass(frozen=True, slots=True)
class Left:
    """A reply as a look found it; it is the same again as long as its writer is silent."""

    message: int
    seq: int
    beat_at: datetime
    handed_on: bool = False


def left_waiting(*, before: datetime) -> list[Left]:
    """Those whose writer has not been heard since `before`."""
    rows = Message.objects.unbegun().filter(beat_at__lt=before).order_by("pk")
    return [
        Left(each.pk, each.seq, each.beat_at, handed_on=each.is_handed_on)
        for each in rows.only("seq", "beat_at", "way")
        if each.beat_at is not None
    ]


def take_up(left: Left) -> Turn | None:
    """Its turn once more; None where another process has it, or its writer was heard again.

    However many processes ask, one of them has it. What may not be asked any more is closed
    as failed, with the reason.
    """
    try:
        return _asked_anew(left)
    except DashboardError as failure:
        closing = Closing(Message.Status.FAILED, left.seq, "", error=failure)
        close_reply(left.message, closing)
        return None


def hand_on(message_id: int, *, seq: int, later: bool = False) -> None:
    """Leave an open reply to whichever process looks next, or after `UNHEARD`; no
    checkpoint that comes after changes that."""
    now = timezone.now()
    ours = Message.objects.open().filter(pk=message_id, seq__lte=seq)
    ours.update(
        seq=F("seq") + 1,
        beat_at=now if later else now - UNHEARD,
        way={HANDED_ON: True},
    )


@transaction.atomic
def _asked_anew(left: Left) -> Turn | None:
    """The same question once more, of whoever may still ask it."""
    as_seen = {"pk": left.message, "seq": left.seq, "beat_at": left.beat_at}
    found = Message.objects.unbegun().filter(**as_seen)
    reply = found.select_related("asked_by", "parent").first()
    if reply is None:
        return None
    person, said, place = reply.asked_by, reply.parent, reply.conversation_id
    if person is None or said is None:
        raise NotFound
    writer_and_audience(person, place)
    answers = target_for(person, reply.target)
    wide = wide_for(person, answers, reply.window or 0)
    prompt = prompt_to(said, answers=answers, wide=wide)
    kept = Kept(seq=left.seq + (1 if left.handed_on else LEAP))
    now, left_out = timezone.now(), prompt.left_out
    still = Message.objects.unasked().filter(**as_seen)
    if not still.update(seq=kept.seq, beat_at=now, left_out=left_out, way={}):
        return None
    publish(MessageReopened(place, reply.pk))
    ask = asked_of(person, answers, prompt, wide, conversation=place)
    return Turn(place, reply.pk, ask, kept, recipe_of(answers), taken_up=True)
