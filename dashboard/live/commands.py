"""Every command a page may send, and how a frame becomes one."""

import json
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar
from uuid import UUID

from dashboard.errors import BadCommand


@dataclass(frozen=True, slots=True)
class Command:
    """What a page asks."""

    kind: ClassVar[str]


@dataclass(frozen=True, slots=True)
class JoinConversation(Command):
    """Hear what happens in a conversation; answered by `conversation.joined`."""

    kind = "conversation.join"
    conversation: int


@dataclass(frozen=True, slots=True)
class SendMessage(Command):
    """Say something; `key` is the page's own UUID, so that a resend changes nothing."""

    kind = "message.send"
    conversation: int
    text: str
    key: UUID
    target: str = ""


@dataclass(frozen=True, slots=True)
class StopMessage(Command):
    kind = "message.stop"
    conversation: int
    message: int


@dataclass(frozen=True, slots=True)
class RetryMessage(Command):
    """Another reply instead of one that broke off, from the same target or another."""

    kind = "message.retry"
    conversation: int
    message: int
    target: str = ""


@dataclass(frozen=True, slots=True)
class ContinueMessage(Command):
    """The rest of a reply that broke off."""

    kind = "message.continue"
    conversation: int
    message: int


COMMANDS: dict[str, type[Command]] = {
    each.kind: each
    for each in (
        JoinConversation,
        SendMessage,
        StopMessage,
        RetryMessage,
        ContinueMessage,
    )
}


def read_frame(text: str) -> dict[str, Any]:
    """The JSON object in a frame; `BadCommand` for anything else."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as failure:
        raise BadCommand(detail="not JSON") from failure
    if not isinstance(frame, dict):
        raise BadCommand(detail="not an object")
    return frame


def read_command(frame: dict[str, Any]) -> Command:
    """The command in a frame; `BadCommand` for an unknown kind or a wrong field."""
    known = COMMANDS.get(str(frame.get("kind")))
    if known is None:
        raise BadCommand(detail="unknown kind")
    return known(**{field.name: _value(frame, field) for field in fields(known)})


def _value(frame: dict[str, Any], field: Any) -> object:
    value = frame.get(field.name, field.default)
    if field.type is UUID and isinstance(value, str):
        return _uuid(value, field.name)
    if value is MISSING or type(value) is not field.type:
        raise BadCommand(detail=f"field {field.name}")
    return value


def _uuid(value: str, name: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as failure:
        raise BadCommand(detail=f"field {name}") from failure
