"""What is asked of the door, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.contrib.auth.models import AbstractBaseUser

from models_app.adapters.base import (
    ChatMessage,
    ParameterValue,
    Reasoning,
    Text,
    ToolCall,
    Usage,
)


class Origin(StrEnum):
    PERSON = "person"
    API = "api"
    BATCH = "batch"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Ask:
    """Who, read anew a moment ago, wants which model to answer what.

    With `go_on`, the last message is a reply that broke off, and its rest is wanted.
    With a `server`, that one shall answer and no other.
    """

    person: AbstractBaseUser
    model: str
    messages: tuple[ChatMessage, ...]
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    origin: Origin = Origin.PERSON
    go_on: bool = False
    server: int | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A server, of this kind, was chosen and is being asked."""

    server: str
    kind: str = ""


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


Step = Begun | Reasoning | Text | ToolCall | Done
