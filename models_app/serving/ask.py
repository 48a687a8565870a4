"""What is asked of the door, and what comes out of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.contrib.auth.models import AbstractBaseUser

from models_app.adapters.base import (
    ChatMessage,
    ChatRequest,
    Loading,
    ParameterValue,
    Piece,
    Reading,
    Reasoning,
    Text,
    ToolCall,
    Usage,
    Verbatim,
)

Worded = Callable[[str, str], ChatRequest | Verbatim]
"""What is asked of a server of this kind, which spells the model so."""


class Origin(StrEnum):
    """Who waits for it, in the order in which they are let in."""

    PERSON = "person"
    API = "api"
    BATCH = "batch"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Ask:
    """Who, read anew a moment ago, wants which model to answer what.

    With `go_on`, the last message is a reply that broke off, and its rest is wanted.
    With a `server`, that one shall answer and no other. `preset` is the number of the one
    that the rest comes from, `conversation` of the one that it is for: the ledger and
    those who look at the queue are told.

    Programs bring their own words: with `worded`, these are asked, and the answer comes in
    `Piece`s where they are `Verbatim`. `size` is how many characters there are to read.
    With `embeds`, vectors are wanted. `pictures` is the name of the field in which there are
    some to look at. `key` is the number of the key that they came with.
    """

    person: AbstractBaseUser
    model: str
    messages: tuple[ChatMessage, ...] = ()
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    origin: Origin = Origin.PERSON
    go_on: bool = False
    server: int | None = None
    preset: int | None = None
    conversation: int | None = None
    worded: Worded | None = None
    size: int = 0
    embeds: bool = False
    pictures: str = ""
    key: int | None = None

    @property
    def characters(self) -> int:
        """How much there is to read."""
        return self.size or sum(len(each.text) for each in self.messages)


@dataclass(frozen=True, slots=True)
class Queued:
    """Every server that has the model is busy: `position` 1 is next, `people` others are
    before it; `server` is the one that would be best. `seconds` is how long that takes as a
    rule, None where nothing was learned yet."""

    position: int
    people: int
    server: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A server that was asked and failed before its first token."""

    server: str
    code: str
    facts: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Begun:
    """A server, of this kind, was chosen and is being asked.

    `ticket` names the generation in the ledger. `loaded` is False where the model is not in
    memory, None where nobody knows. `seconds` is how long its first token takes as a rule.
    """

    server: str
    kind: str = ""
    ticket: str = ""
    loaded: bool | None = None
    passed_over: tuple[PassedOver, ...] = ()
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The whole reply is out. Times in milliseconds from the ask.

    `thought` counts the characters at the start of the text that were reasoning after
    all: see `Finish`.
    """

    reason: str
    usage: Usage
    first_token_ms: int | None
    total_ms: int
    thought: int = 0
    ticket: str = ""
    queue_ms: int = 0


Step = Queued | Begun | Loading | Reading | Reasoning | Text | ToolCall | Piece | Done
