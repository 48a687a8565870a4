"""Every event: what happened, told to exactly the people it concerns.

An event carries its whole state, so that it may be repeated; only text deltas are
partial and carry `seq`. A frame is JSON, `{"kind": …, …}` with the fields beside it.
"""

import json
from dataclasses import asdict, dataclass
from typing import ClassVar


def conversation_group(conversation: int) -> str:
    return f"conversation.{conversation}"


def person_group(person: int) -> str:
    return f"person.{person}"


WRITERS = "writers"
"""The group of the processes that write replies; no page ever joins it."""

HOUSE = "house"
"""The group of every signed-in page."""

STATUS = "status"
"""The group of the pages that show the status of the house."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `group` is its audience, `handler` the consumer's method."""

    kind: ClassVar[str]
    handler: ClassVar[str] = "live.event"

    @property
    def group(self) -> str:
        raise NotImplementedError

    def frame(self) -> str:
        """The event as a page gets it."""
        return json.dumps(
            {"kind": self.kind, **asdict(self)},
            ensure_ascii=False,
            separators=(",", ":"),
        )


@dataclass(frozen=True, slots=True)
class ConversationEvent(Event):
    """For everybody who has this conversation open."""

    conversation: int

    @property
    def group(self) -> str:
        return conversation_group(self.conversation)


@dataclass(frozen=True, slots=True)
class MessageAdded(ConversationEvent):
    """A new row under `parent` (0: it begins the conversation).

    `key` tells the sender's page that its own message is in; `author` is 0 for a reply.
    """

    kind = "message.added"
    message: int
    parent: int
    author: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class MessageDelta(ConversationEvent):
    """More text for an open message; a page that misses a `seq` refetches."""

    kind = "message.delta"
    message: int
    seq: int
    text: str


@dataclass(frozen=True, slots=True)
class MessageBlock(ConversationEvent):
    """Blocks that are finished, as sanitised HTML; `rest` is the whole text after them."""

    kind = "message.block"
    message: int
    seq: int
    html: str
    rest: str


@dataclass(frozen=True, slots=True)
class MessagePhase(ConversationEvent):
    """What an open message waits for or does: whole, and safe to repeat.

    `phase` is one of waiting, queued, loading, reading, thinking and writing. `done` of
    `total` are bytes of a load or tokens of a prompt, `share` is in percent, `speed` in
    tokens a second. `since` and `left` are seconds, as of when it was told.
    """

    kind = "message.phase"
    message: int
    phase: str
    server: str = ""
    model: str = ""
    position: int | None = None
    people: int | None = None
    done: int | None = None
    total: int | None = None
    share: int | None = None
    speed: int | None = None
    since: float = 0.0
    left: float | None = None


@dataclass(frozen=True, slots=True)
class MessageClosed(ConversationEvent):
    """The writer, or the sweeper, closed the row; the page fetches its final form."""

    kind = "message.closed"
    message: int
    status: str


@dataclass(frozen=True, slots=True)
class MessageReopened(ConversationEvent):
    """A closed reply is being written on; the page fetches it, and hears its rest."""

    kind = "message.reopened"
    message: int


@dataclass(frozen=True, slots=True)
class BranchDeleted(ConversationEvent):
    """A message and all under it are gone; each page fetches the branch it is on now."""

    kind = "branch.deleted"
    message: int


@dataclass(frozen=True, slots=True)
class TypingChanged(ConversationEvent):
    """Somebody is writing just now; a page forgets it after a few seconds."""

    kind = "typing.changed"
    person: int
    name: str


@dataclass(frozen=True, slots=True)
class PresenceChanged(ConversationEvent):
    """Who has the conversation open, as of now: numbers of people, sorted."""

    kind = "presence.changed"
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HeadChanged(ConversationEvent):
    """Its title, its people or its target are others, or an administrator opened it."""

    kind = "head.changed"


@dataclass(frozen=True, slots=True)
class PersonEvent(Event):
    """For all open pages of one person."""

    person: int

    @property
    def group(self) -> str:
        return person_group(self.person)


@dataclass(frozen=True, slots=True)
class ConversationChanged(PersonEvent):
    """A conversation of this person is new, renamed, or has gained a person or a message."""

    kind = "conversation.changed"
    conversation: int


@dataclass(frozen=True, slots=True)
class ConversationSeen(PersonEvent):
    """This person has seen all that is new in a conversation, on one of their pages."""

    kind = "conversation.seen"
    conversation: int


@dataclass(frozen=True, slots=True)
class PlaceChanged(PersonEvent):
    """This person looks at another branch, or has another role: the page fetches anew."""

    kind = "place.changed"
    conversation: int


@dataclass(frozen=True, slots=True)
class ConversationLeft(PersonEvent):
    """This person is not in the conversation any more, or it is gone."""

    kind = "conversation.left"
    handler = "live.left"
    conversation: int


@dataclass(frozen=True, slots=True)
class ConversationStarted(PersonEvent):
    """The message with this key, sent for a new chat, has begun this conversation."""

    kind = "conversation.started"
    conversation: int
    key: str


@dataclass(frozen=True, slots=True)
class SessionsEnded(PersonEvent):
    """This person's account was disabled or its password changed; their sockets close."""

    kind = "sessions.ended"
    handler = "live.ended"


@dataclass(frozen=True, slots=True)
class StopWanted(Event):
    """Somebody asked for a reply to end; whichever process writes it hears this."""

    kind = "message.stop_wanted"
    message: int

    @property
    def group(self) -> str:
        return WRITERS


@dataclass(frozen=True, slots=True)
class ModelsChanged(Event):
    """What can be talked to has changed; each page asks anew what its person may use."""

    kind = "models.changed"

    @property
    def group(self) -> str:
        return HOUSE


@dataclass(frozen=True, slots=True)
class PullChanged(Event):
    """Where a download to a server stands; `total`, `speed` and `left` are None where
    nobody knows. `left` and `idle` are in seconds, `tries` counts those since the last news.

    It does not name the model, which may be hidden from whoever hears this.
    """

    kind = "pull.changed"
    pull: int
    backend: int
    status: str
    stage: str
    done: int
    total: int | None
    speed: int | None
    left: int | None
    idle: int
    tries: int
    dismissed: bool

    @property
    def group(self) -> str:
        return HOUSE


@dataclass(frozen=True, slots=True)
class ErrandChanged(Event):
    """Where an order about a model stands. It names no model: not everybody may know it,
    and each page asks anew for what its person may see."""

    kind = "errand.changed"
    errand: int
    backend: int
    action: str
    status: str
    code: str

    @property
    def group(self) -> str:
        return HOUSE


@dataclass(frozen=True, slots=True)
class RequestsChanged(Event):
    """Somebody asks for a model, or got an answer; each page asks anew what to show."""

    kind = "requests.changed"

    @property
    def group(self) -> str:
        return HOUSE


@dataclass(frozen=True, slots=True)
class RequestAnswered(PersonEvent):
    """There is news of a model that this person asked for, or they have seen it: the page
    fetches what they have not."""

    kind = "request.answered"
    request: int


@dataclass(frozen=True, slots=True)
class BatchChanged(PersonEvent):
    """Where a batch of this person stands, or that it is gone; `total` is None until its
    file was read."""

    kind = "batch.changed"
    batch: int
    status: str
    total: int | None
    completed: int
    failed: int


@dataclass(frozen=True, slots=True)
class StatusEvent(Event):
    """For every page that shows the status of the house; it names no model and no person,
    for not everybody may know them."""

    @property
    def group(self) -> str:
        return STATUS


@dataclass(frozen=True, slots=True)
class GpuSampled(StatusEvent):
    """A host was looked at: its numbers, and those of each card by `uuid`; a number that
    is missing has its reason in the card's `reasons`. `at` is our Unix time of the look."""

    kind = "gpu.sampled"
    node: int
    at: float
    host: dict[str, float]
    cards: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class NodeChanged(StatusEvent):
    """A host is new, gone, silent or back, or its cards, processes or driver are others:
    each page fetches that part anew."""

    kind = "node.changed"
    node: int


@dataclass(frozen=True, slots=True)
class ServersSampled(StatusEvent):
    """What the model servers tell in numbers, each with the number of its `backend`."""

    kind = "servers.sampled"
    servers: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class ServingChanged(Event):
    """Somebody else is being served now: the status page, and the head of each chat, fetch
    what their person may see."""

    kind = "serving.changed"

    @property
    def group(self) -> str:
        return HOUSE


@dataclass(frozen=True, slots=True)
class AlertChanged(Event):
    """Something needs attention, or does not any more; it is for every page."""

    kind = "alert.changed"
    alert: int

    @property
    def group(self) -> str:
        return HOUSE
