"""Writing a generation into the ledger: once, whoever comes first and whatever died."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from dashboard.live.db import AWAY
from dashboard.people.models import User
from models_app.ledger.spent import forget_spent
from models_app.models import ApiKey, Backend, Generation, Preset
from models_app.models.language_model import LONGEST_NAME

log = logging.getLogger(__name__)

LOST = Generation.Status.LOST
MOST = 2**31 - 1
"""What a column of a whole number holds; a server that tells more tells nonsense."""

NAMED: Mapping[str, type[Model]] = {
    "person": User,
    "preset": Preset,
    "backend": Backend,
    "key": ApiKey,
}
"""What an entry names by its number, and what may be deleted meanwhile."""

COUNTED = (
    "queue_ms",
    "load_ms",
    "first_token_ms",
    "prompt_tokens",
    "completion_tokens",
    "cached_tokens",
)
"""Whole numbers that facts may tell."""

Fact = str | int | float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A generation that is over, with all that is known of it; see `Generation`.

    People, presets, servers and keys are named by their numbers. `model` and `server` are what
    they were called then.
    """

    ticket: str
    model: str
    asked_at: datetime
    ended_at: datetime
    status: str = Generation.Status.DONE
    origin: str = Generation.Origin.PERSON
    person: int | None = None
    preset: int | None = None
    backend: int | None = None
    key: int | None = None
    server: str = ""
    error_code: str = ""
    began_at: datetime | None = None
    queue_ms: int | None = None
    load_ms: int | None = None
    first_token_ms: int | None = None
    total_ms: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None


def write_entries(entries: Sequence[Entry]) -> None:
    """Write generations down, each once for its ticket, as `write_entry` does.

    All at once, unless one of them is written already, or names what is deleted. One that
    the database cannot take is told in the log and left out; but where the database is away,
    what it raises is raised.
    """
    try:
        with transaction.atomic():
            _insert([_columns(each) for each in entries])
    except AWAY:
        raise
    except Exception as failure:
        if not isinstance(failure, IntegrityError):
            log.exception("Generations are written one by one.")
        _write_each(entries)
        return
    for person in {each.person for each in entries if each.person is not None}:
        forget_spent(person)


def write_entry(entry: Entry) -> bool:
    """Write a generation down, once for its ticket; whether this changed the ledger.

    A row that says "lost" gives way to what the process itself says when it was alive
    after all; any other row stays as it was written first. Whoever or whatever has been
    deleted meanwhile is left empty. Never inside of another transaction: the one insert
    must be able to fail.
    """
    columns = _columns(entry)
    changed = _inserted(columns) or _took_over(columns)
    if not changed and not Generation.objects.filter(ticket=entry.ticket).exists():
        # The ticket is new, so the insert named something that is deleted.
        changed = _inserted(_without_the_gone(columns))
    if changed and entry.person is not None:
        forget_spent(entry.person)
    return changed


def _write_each(entries: Sequence[Entry]) -> None:
    """One that can never be written must keep no other from it."""
    for each in entries:
        try:
            write_entry(each)
        except AWAY:
            raise
        except Exception:
            log.exception(
                "Generation %s cannot be written; it is left out.", each.ticket
            )


def entry_from_facts(
    ticket: str, facts: Mapping[str, Fact], *, seen_at: datetime
) -> Entry:
    """The generation of which these facts are known: those of `Record.facts`.

    One that has no end in them is lost: its process died, which was seen at `seen_at`.
    Times of day are Unix seconds; what is missing or makes no sense is not known.
    """
    told_end = _moment(facts.get("ended_at"))
    asked_at = _moment(facts.get("asked_at")) or told_end or seen_at
    ended_at = max(told_end or seen_at, asked_at)
    return Entry(
        ticket=ticket,
        model=_text(facts.get("model")),
        asked_at=asked_at,
        ended_at=ended_at,
        status=_status(facts.get("status")) if told_end else LOST,
        error_code=_text(facts.get("error_code")),
        origin=_origin(facts.get("origin")),
        person=_whole(facts.get("person")),
        preset=_whole(facts.get("preset")),
        backend=_whole(facts.get("backend")),
        key=_whole(facts.get("key")),
        server=_text(facts.get("server")),
        began_at=_moment(facts.get("began_at")),
        total_ms=round((ended_at - asked_at).total_seconds() * 1000),
        **{name: _whole(facts.get(name)) for name in COUNTED},
    )


def _status(told: Fact) -> str:
    return str(told) if told in Generation.Status.values else LOST


def _columns(entry: Entry) -> dict[str, Any]:
    """The entry as the columns of its row hold it."""
    told = {each.name: getattr(entry, each.name) for each in fields(entry)}
    columns = {_column(name): _held(value) for name, value in told.items()}
    columns["model"] = columns["model"][:LONGEST_NAME]
    columns["server"] = columns["server"][:80]
    columns["error_code"] = columns["error_code"][:40]
    return columns


def _insert(rows: Sequence[Mapping[str, Any]]) -> None:
    """What `bulk_create` does, which makes its statement anew of each row: where much ends
    at once, that took longer than all the rest."""
    quote = connection.ops.quote_name
    fields_by_name = {each.attname: each for each in Generation._meta.concrete_fields}
    columns = [fields_by_name[name] for name in rows[0]]
    table = quote(Generation._meta.db_table)
    names = ", ".join(quote(str(each.column)) for each in columns)
    marks = ", ".join(["%s"] * len(columns))
    values = [
        [
            each.get_db_prep_save(value, connection)
            for each, value in zip(columns, row.values(), strict=True)
        ]
        for row in rows
    ]
    into = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(into, values)


def _column(name: str) -> str:
    return f"{name}_id" if name in NAMED else name


def _held(value: Any) -> Any:
    """A number that fits, and a text that PostgreSQL takes."""
    if isinstance(value, int):
        return value if 0 <= value <= MOST else None
    return value.replace("\0", "") if isinstance(value, str) else value


def _inserted(columns: Mapping[str, Any]) -> bool:
    try:
        with transaction.atomic():
            Generation.objects.create(**columns)
    except IntegrityError:
        return False
    return True


def _took_over(columns: Mapping[str, Any]) -> bool:
    """Put what a living process says in the place of what the sweeper guessed.

    It is reckoned anew, with those beside it, for it has other times and tokens now.
    """
    if columns["status"] == LOST:
        return False
    lost = Generation.objects.filter(ticket=columns["ticket"], status=LOST)
    kept = {name: columns[name] for name in columns if name != "ticket"}
    return bool(lost.update(**_without_the_gone(kept), reckoned_at=None))


def _without_the_gone(columns: Mapping[str, Any]) -> dict[str, Any]:
    left = dict(columns)
    for name, model in NAMED.items():
        known = model._default_manager.filter(pk=left[f"{name}_id"])
        if left[f"{name}_id"] is not None and not known.exists():
            left[f"{name}_id"] = None
    return left


def _whole(fact: Fact) -> int | None:
    try:
        return None if fact is None else round(float(fact))
    except (ValueError, OverflowError):
        return None


def _moment(fact: Fact) -> datetime | None:
    try:
        return None if fact is None else datetime.fromtimestamp(float(fact), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _text(fact: Fact) -> str:
    return "" if fact is None else str(fact)


def _origin(fact: Fact) -> str:
    text = _text(fact)
    known = text in Generation.Origin.values
    return text if known else Generation.Origin.PERSON
