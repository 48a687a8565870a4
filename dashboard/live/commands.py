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
class StartConversation(Command):
    """Begin a conversation with its first message; answered by `conversation.started`."""

    kind = "conversation.start"
    text: str
    key: UUID
    target: str = ""


@dataclass(frozen=True, slots=True)
class SeeConversation(Command):
    """The person has seen the branch that ends with this message."""

    kind = "conversation.see"
    conversation: int
    message: int


@dataclass(frozen=True, slots=True)
class BeInConversation(Command):
    """A heartbeat of a page that shows the conversation; answered by `presence.changed`."""

    kind = "presence.beat"
    conversation: int


@dataclass(frozen=True, slots=True)
class Type(Command):
    """The person is writing a message."""

    kind = "typing"
    conversation: int


@dataclass(frozen=True, slots=True)
class KeepDraft(Command):
    """What is typed and not sent (conversation 0: for a new one); answered by `draft.kept`."""

    kind = "draft.keep"
    conversation: int
    text: str


@dataclass(frozen=True, slots=True)
class SendMessage(Command):
    """Say something; `key` is the page's own UUID, so that a resend changes nothing.

    `at` is the message that the page's branch ends with (`how` is "follow"), that a new
    branch begins under ("branch"), or that the text shall stand beside ("edit").
    """

    kind = "message.send"
    conversation: int
    text: str
    key: UUID
    target: str = ""
    at: int = 0
    how: str = "follow"


@dataclass(frozen=True, slots=True)
class ChooseBranch(Command):
    """Show this person the branch with that message."""

    kind = "message.choose"
    conversation: int
    message: int


@dataclass(frozen=True, slots=True)
class StopMessage(Command):
    kind = "message.stop"
    conversation: int
    message: int


@dataclass(frozen=True, slots=True)
class RetryMessage(Command):
    """Another reply to the same message, from the same target or another.

    A `window` is one that was offered with the reply; 0 is as the model is loaded.
    """

    kind = "message.retry"
    conversation: int
    message: int
    target: str = ""
    window: int = 0


@dataclass(frozen=True, slots=True)
class ContinueMessage(Command):
    """The rest of a reply that broke off."""

    kind = "message.continue"
    conversation: int
    message: int


@dataclass(frozen=True, slots=True)
class WatchStatus(Command):
    """Somebody looks at the status: hear it, and have hosts say more often how they are.

    Said again every few seconds; answered by `status.watching` when it is new.
    """

    kind = "status.watch"


@dataclass(frozen=True, slots=True)
class LeaveStatus(Command):
    """Nobody looks at the status on this page any more."""

    kind = "status.leave"


@dataclass(frozen=True, slots=True)
class Acknowledge(Command):
    """The page has received so many frames on this socket."""

    kind = "ack"
    frames: int


@dataclass(frozen=True, slots=True)
class Ping(Command):
    """Is anybody there? Answered by `pong`."""

    kind = "ping"


COMMANDS: dict[str, type[Command]] = {
    each.kind: each
    for each in (
        JoinConversation,
        StartConversation,
        SeeConversation,
        BeInConversation,
        Type,
        KeepDraft,
        SendMessage,
        ChooseBranch,
        StopMessage,
        RetryMessage,
        ContinueMessage,
        WatchStatus,
        LeaveStatus,
        Acknowledge,
        Ping,
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
