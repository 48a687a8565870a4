"""Who is at the door to the GPUs now: all who are served, and all who wait, for anybody."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chat.models import Message
from chat.phase_words import told_from
from chat.phases import Doing
from dashboard.live.glance import glance
from models_app.models import Backend
from models_app.queries import MODEL, PRESET
from models_app.serving.ask import Origin
from models_app.serving.pace import pace_in
from models_app.serving.slots.reading import queue_now, tickets_now
from models_app.serving.slots.standing import standings
from models_app.serving.slots.wishes import RANKS, Facts, TicketNow, Waiting
from models_app.snapshot import everything


@dataclass(frozen=True, slots=True)
class InLine:
    """A place in the line for any of these servers, by name: `position` 1 is next, `people`
    others are before it; `due` is when it has a place as a rule, None where nobody knows."""

    servers: tuple[str, ...]
    position: int
    people: int
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """A generation under way: `server` is empty while it waits, and `line` says where.

    `model` is empty where nobody knows which one it is, and `ticket` where none is known;
    `speed` is in tokens a second, as they come to us.
    """

    ticket: str
    origin: Origin
    person: int | None
    conversation: int | None
    model: str
    server: str
    waits: bool
    since: datetime | None
    speed: float = 0.0
    line: InLine | None = None


def all_present() -> list[Present]:
    """Everybody, in the order of the line; while Redis is away, whose replies are open.

    Nobody waits for Redis here longer than a moment.
    """
    tickets = _tickets()
    return _in_rows() if tickets is None else _with_tickets(tickets)


def _tickets() -> list[TicketNow] | None:
    """None while Redis is away: that nobody is at the door is something else."""
    return tickets_now() if glance(lambda redis: redis.ping()) else None


def _with_tickets(tickets: Iterable[TicketNow]) -> list[Present]:
    found = list(tickets)
    queue = queue_now() if any(each.backend is None for each in found) else []
    # What a ticket says of itself comes up to two seconds after it was given a place.
    named = {each.backend for each in found if each.backend is not None}
    named.update(*(each.backends for each in queue))
    rows = Backend.objects.filter(pk__in=named).values_list("pk", "name")
    names = dict(rows) if named else {}
    lines = _lines(queue, names)
    return [
        replace(
            _present(each, names.get(each.backend or 0, "")),
            line=_due(lines.get(each.ticket), each.facts.get("due_at")),
        )
        for each in found
    ]


def _lines(
    queue: Sequence[Waiting], names: Mapping[int, str]
) -> dict[str, InLine | None]:
    """The place of each that waits, by its ticket."""
    stands = standings(queue)
    return {
        each.ticket: InLine(
            servers=tuple(sorted(names[one] for one in each.backends if one in names)),
            position=stands[each.ticket].position,
            people=stands[each.ticket].people,
        )
        for each in queue
    }


def _due(line: InLine | None, fact: object) -> InLine | None:
    return line and replace(line, due=_moment(fact))


def _present(ticket: TicketNow, server: str) -> Present:
    facts, waits = ticket.facts, ticket.backend is None
    return Present(
        ticket=ticket.ticket,
        origin=Origin(RANKS[ticket.rank]),
        person=ticket.person,
        conversation=_whole(facts, "conversation"),
        model=str(facts.get("model") or ""),
        server="" if waits else server or str(facts.get("server") or ""),
        waits=waits,
        since=_moment(facts.get("asked_at")),
        speed=0.0 if waits else pace_in(facts, now=time.time()),
    )


def _in_rows() -> list[Present]:
    """What the database knows: chats alone, as of the last checkpoint."""
    rows = Message.objects.open().only(
        "ticket", "asked_by", "conversation", "target", "server", "created_at", "way"
    )
    found = list(rows.order_by("pk"))
    presets = _models_of_presets({each.target for each in found})
    return [
        Present(
            ticket=each.ticket,
            origin=Origin.PERSON,
            person=each.asked_by_id,
            conversation=each.conversation_id,
            model=presets.get(each.target) or _model_in(each.target),
            server=each.server,
            waits=not each.server,
            since=each.created_at,
            line=_line_in(each),
        )
        for each in found
    ]


def _line_in(reply: Message) -> InLine | None:
    """As its row tells it."""
    told = told_from(reply.way, now=time.time())
    if told is None or told.position is None or told.phase != Doing.QUEUED:
        return None
    due = None if told.left is None else time.time() + told.left
    return InLine((told.server,), told.position, told.people or 0, _moment(due))


def _models_of_presets(targets: set[str]) -> dict[str, str]:
    if not any(each.startswith(PRESET) for each in targets):
        return {}
    return {f"{PRESET}{each.pk}": each.recipe.base for each in everything().presets}


def _model_in(target: str) -> str:
    return target.removeprefix(MODEL) if target.startswith(MODEL) else ""


def _whole(facts: Facts, name: str) -> int | None:
    fact = facts.get(name)
    return fact if isinstance(fact, int) else None


def _moment(fact: object) -> datetime | None:
    """Of Unix time."""
    return datetime.fromtimestamp(fact, UTC) if isinstance(fact, float) else None
