"""What the database holds in the end, read from its file."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

QUERY = """
    SELECT chat_message.id, conversation_id, parent_id, username, key, status, text, seq,
           created_at, closed_at
    FROM chat_message LEFT JOIN people_user ON people_user.id = author_id
    ORDER BY chat_message.id
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """One message, or reply, as its row has it."""

    pk: int
    conversation: int
    parent: int | None
    author: str | None
    key: str
    status: str
    text: str
    seq: int
    created: float
    closed: float

    @property
    def is_said(self) -> bool:
        return self.status == "said"

    @property
    def version(self) -> str:
        return f"{self.status}.{self.seq}"


def kept_in(data: Path) -> list[Kept]:
    address = f"file:{data / 'paddock.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        return [_read(*row) for row in database.execute(QUERY)]


def failures_in(data: Path) -> list[str]:
    """What the replies that failed say of themselves, for whoever reads the numbers."""
    query = (
        "SELECT id, error_code, error_facts FROM chat_message WHERE status = 'failed'"
    )
    address = f"file:{data / 'paddock.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        return [f"reply {pk} failed: {c} {f}" for pk, c, f in database.execute(query)]


def open_in(data: Path) -> list[int]:
    """The replies that are still being written."""
    return [each.pk for each in kept_in(data) if each.status == "open"]


def unwritten_in(data: Path) -> list[str]:
    """The replies that a server was asked for, and that the ledger of the GPU lacks."""
    query = (
        "SELECT id, status FROM chat_message WHERE ticket <> '' AND ticket NOT IN"
        " (SELECT ticket FROM models_app_generation)"
    )
    address = f"file:{data / 'paddock.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        return [f"reply {pk} ({status})" for pk, status in database.execute(query)]


def _read(
    pk: int,
    conversation: int,
    parent: int | None,
    author: str | None,
    key: str | None,
    status: str,
    text: str,
    seq: int,
    created: str,
    closed: str | None,
) -> Kept:
    return Kept(
        pk=pk,
        conversation=conversation,
        parent=parent,
        author=author,
        key=str(UUID(key)) if key else "",
        status=status,
        text=text,
        seq=seq,
        created=_seconds(created),
        closed=_seconds(closed) if closed else float("inf"),
    )


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()
