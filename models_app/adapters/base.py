"""What every kind of model server can be asked, and what it answers."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol

import httpx

ParameterValue = bool | int | float | str | Sequence[str]


class Kind(StrEnum):
    """The kinds of server that have an adapter."""

    OLLAMA = "ollama"
    VLLM = "vllm"
    LLAMACPP = "llamacpp"
    OPENAI = "openai"


class Can(StrEnum):
    """What some kinds can do and others cannot."""

    LIST = "list"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a server tells of one model; None or nothing where it does not say.

    `size` is in bytes; `capabilities` are Ollama's words, and "cloud" for a model
    that runs on somebody else's machine.
    """

    name: str
    context: int | None = None
    size: int | None = None
    quantization: str = ""
    family: str = ""
    parameters: str = ""
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One reply that is wanted; `parameters` have the names of a Modelfile.

    With `go_on`, the last message is a reply that broke off: the model writes its rest.
    """

    model: str
    messages: tuple[ChatMessage, ...]
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    go_on: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply cost, as far as its server says; `cached` is part of `prompt`."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    prompt_ms: float | None = None
    predicted_ms: float | None = None
    load_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """More of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """More of what the model thinks before it replies."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The reply is whole; `reason` is the server's word ("stop", "length", …) or "".

    `thought` counts the characters at the start of the text that were reasoning after
    all: some templates open the thinking themselves, and only its end is seen.
    """

    reason: str
    usage: Usage
    thought: int = 0


Chunk = Text | Reasoning | Finish


class Adapter(Protocol):
    """One kind of server, spoken to through a client that knows its address and key."""

    can: ClassVar[frozenset[Can]]

    def __init__(self, client: httpx.AsyncClient, *, server: str) -> None: ...

    async def list_models(self) -> list[ModelFacts]:
        """The models it offers now; raises a `BackendError`."""
        ...

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Text and reasoning as they come, then one `Finish`; or a `BackendError`.

        Closing the generator (`aclosing`) hangs up, which is what stops the server.
        """
        ...
