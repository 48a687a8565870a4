"""A reply while it is open, and how its row is closed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from chat.markdown import render
from chat.models import Message
from chat.queries import message_in, writer_in
from chat.services.conversations import audience_of, changed
from dashboard.errors import DashboardError, NotAllowed
from dashboard.live.bus import publish
from dashboard.live.events import MessageClosed, ServingChanged, StopWanted
from dashboard.people.models import User
from models_app.resolve import Unheeded
from models_app.serving.ask import Done

# By hand: `bulk_update` takes 45 ms of CPU for fifty replies, every second.
SAVE = """
    UPDATE chat_message SET seq = %s, text = %s, reasoning = %s, server = %s, ticket = %s,
    way = %s, beat_at = %s
    WHERE id = %s AND status = 'open' AND seq <= %s
"""

PAST = ("passed_over",)
"""What stays of a reply's way when its writer is lost; how it stood then does not."""


@dataclass(frozen=True, slots=True)
class Beat:
    """The state of an open reply that outlives its writer."""

    message: int
    seq: int
    text: str
    reasoning: str
    server: str
    ticket: str = ""
    way: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closing:
    """How a reply ended, and all that is known of it."""

    status: Message.Status
    seq: int
    text: str
    html: str = ""
    """The text rendered, by whoever could do it outside the database thread."""
    reasoning: str = ""
    server: str = ""
    thought_ms: int | None = None
    done: Done | None = None
    error: DashboardError | None = None
    stopped_by: int | None = None
    """The administrator who ended it at the door."""
    unheeded: Sequence[Unheeded] = ()
    alarm: Mapping[str, object] = field(default_factory=dict)
    least_sent: int | None = None
    ticket: str = ""
    way: Mapping[str, Any] = field(default_factory=dict)


def checkpoint(beats: Sequence[Beat]) -> set[int]:
    """Save the open replies of this process; say which of them should end.

    A row whose `seq` is further on has been reopened for another writer.
    """
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    rows = [
        (
            *(e.seq, e.text, e.reasoning, e.server, e.ticket, json.dumps(e.way)),
            *(now, e.message, e.seq),
        )
        for e in beats
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(SAVE, rows)
    ours = Message.objects.open().filter(pk__in=[beat.message for beat in beats])
    go_on = set(ours.filter(stop_requested=False).values_list("pk", "seq"))
    return {each.message for each in beats if (each.message, each.seq) not in go_on}


def request_stop(conversation_id: int, *, message_id: int, person: User) -> None:
    """Ask the reply's writer to end it; a closed reply stays as it is."""
    place = writer_in(person, conversation_id)
    message = message_in(place.conversation, message_id)
    _want_stop(message.pk, by=person)


def request_stop_as_admin(message_id: int, *, by: User) -> bool:
    """Ask for the end of a reply in whosever conversation; False when it is closed."""
    if not by.is_superuser:
        raise NotAllowed
    return _want_stop(message_id, by=by)


def request_stop_unasked(conversation_id: int, *, asked_by: int, by: User) -> bool:
    """The same of the reply that somebody waits for there, so that no process asks for it
    any more; False where none waits. Its writer is told by whoever calls its ticket."""
    if not by.is_superuser:
        raise NotAllowed
    theirs = {"conversation": conversation_id, "asked_by": asked_by}
    waits = Message.objects.unasked().filter(**theirs)
    return bool(waits.update(stop_requested=True, stopped_by=by))


@transaction.atomic
def close_reply(message_id: int, closing: Closing) -> None:
    """Close an open reply once; whoever comes second changes nothing."""
    columns = {
        "status": closing.status,
        "seq": closing.seq,
        "text": closing.text,
        "html": closing.html or render(closing.text),
        "reasoning": closing.reasoning,
        "server": closing.server,
        "thought_ms": closing.thought_ms,
        "closed_at": timezone.now(),
        "alarm": closing.alarm,
        "least_sent": closing.least_sent,
        "ticket": closing.ticket,
        "way": dict(closing.way),
        **_measured(closing.done),
        **_blamed(closing.error),
        **_ended(closing.stopped_by),
        **_undone(message_id, closing),
    }
    ours = Message.objects.open().filter(pk=message_id, seq__lte=closing.seq)
    if ours.update(**columns):
        message = Message.objects.select_related("conversation").get(pk=message_id)
        publish(
            MessageClosed(message.conversation_id, message.pk, closing.status.value)
        )
        conversation = message.conversation
        publish(*changed(conversation, audience_of(conversation)))


def close_abandoned(*, before: datetime, unbegun_before: datetime) -> int:
    """Close the replies whose writer has not been heard since `before`; those that another
    process may still take up only after longer."""
    left = Message.objects.unbegun().filter(beat_at__gte=unbegun_before)
    abandoned = Message.objects.open().filter(beat_at__lt=before)
    for message in (found := list(abandoned.exclude(pk__in=left.values("pk")))):
        close_reply(message.pk, _abandoned(message))
    if found:
        publish(ServingChanged())
    return len(found)


def _abandoned(message: Message) -> Closing:
    """As interrupted, or as stopped where somebody wanted that and nobody heard it."""
    wanted = message.stop_requested
    way = {name: message.way[name] for name in PAST if name in message.way}
    return Closing(
        status=Message.Status.STOPPED if wanted else Message.Status.INTERRUPTED,
        seq=message.seq,
        text=message.text,
        reasoning=message.reasoning,
        server=message.server,
        ticket=message.ticket,
        way={**way, "queued": True} if wanted and message.is_unbegun else way,
    )


def _want_stop(message_id: int, *, by: User) -> bool:
    written = Message.objects.open().filter(pk=message_id)
    wanted = written.update(stop_requested=True, stopped_by=by)
    if wanted:
        publish(StopWanted(message=message_id))
    return bool(wanted)


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


def _ended(by: int | None) -> dict[str, object]:
    """By whom; an account may be gone by now."""
    found = by is not None and User.objects.filter(pk=by).exists()
    return {"stopped_by": by} if found else {}


def _undone(message_id: int, closing: Closing) -> dict[str, object]:
    """What of the preset was not heeded, where this conversation has not been told yet.

    Its lines are what tells two cases apart: a server may leave them undone for another
    reason later in a conversation than at its beginning.
    """
    if not closing.unheeded:
        return {}
    here = Message.objects.filter(pk=message_id).values("conversation", "target")
    if not (reply := here.first()):
        return {}
    told = Message.objects.filter(**reply, server=closing.server)
    known = told.exclude(pk=message_id).exclude(unheeded=[]).order_by("-pk")
    before = known.values_list("unheeded", flat=True).first() or []
    lines = {(each.what, each.line) for each in closing.unheeded}
    if lines == {(each["what"], each["line"]) for each in before}:
        return {}
    return {"unheeded": [as_told(each) for each in closing.unheeded]}


def as_told(each: Unheeded) -> dict[str, object]:
    return {
        "what": each.what,
        "line": each.line,
        "reason": each.reason.value,
        "facts": dict(each.facts),
    }
