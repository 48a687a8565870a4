"""What every kind of model server can be asked, and what it answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

ParameterValue = bool | int | float | str | Sequence[str]
Think = bool | str
"""Whether a model shall think before it replies, or how much."""


class Can(StrEnum):
    """What some kinds can do, or tell of themselves, and others cannot."""

    CHAT = "chat"
    LIST = "list"
    DESCRIBE = "describe"
    LOADED = "loaded"
    WORKLOAD = "workload"
    VERSION = "version"
    TOOLS = "tools"
    IMAGES = "images"
    CONTINUE = "continue"
    PULL = "pull"
    CANCEL = "cancel"
    LOAD = "load"
    WINDOW = "window"
    KEEP = "keep"
    UNLOAD = "unload"
    DELETE = "delete"
    COPY = "copy"
    CREATE = "create"
    MODELFILE = "modelfile"
    SHAPE = "shape"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a server tells of one model; None or nothing where it does not say.

    `context` is the longest that the model was trained for, `window` what it was loaded
    with, both in tokens; `size` is in bytes on disk; `capabilities` are Ollama's words
    ("completion", "tools", "vision", "embedding", "thinking", …), and "cloud" for a model
    that runs on somebody else's machine. `mark` changes with the model's content. Only
    to be shown: `title` is a name for people, `format` the file's ("gguf", "mlx", …).
    """

    name: str
    context: int | None = None
    window: int | None = None
    size: int | None = None
    quantization: str = ""
    family: str = ""
    parameters: str = ""
    capabilities: frozenset[str] = frozenset()
    mark: str = ""
    title: str = ""
    format: str = ""
    changed_at: datetime | None = None

    @property
    def chats(self) -> bool:
        """Whether it writes replies; one of which nothing is known is taken to."""
        return "embedding" not in self.capabilities or "completion" in self.capabilities


def sees_pictures(capabilities: Collection[str]) -> bool | None:
    """Whether a model takes pictures; None where its server does not tell what it can."""
    if "vision" in capabilities:
        return True
    return False if "completion" in capabilities else None


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in memory: bytes in all and on cards, and when it leaves (None: stays)."""

    name: str
    memory: int | None = None
    card_memory: int | None = None
    unloads_at: datetime | None = None
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """How many replies a server writes now, and how many wait for their turn."""

    running: int | None = None
    waiting: int | None = None


@dataclass(frozen=True, slots=True)
class Meters:
    """What a server's own meters show at one moment; nothing where it does not tell.

    `kv_cache` is how full its cache is, from 0 to 1. By engine, counted since each began:
    `generated` tokens, and in `first_token` how many replies had begun within so many
    seconds (`inf` for all of them). `off`: it was started without meters.
    """

    running: int | None = None
    waiting: int | None = None
    kv_cache: float | None = None
    generated: Mapping[str, float] = field(default_factory=dict)
    first_token: Mapping[str, Mapping[float, float]] = field(default_factory=dict)
    off: bool = False


@dataclass(frozen=True, slots=True)
class PullStep:
    """Where a download, or the making of a model, stands just now.

    `said` is the server's word for what it does. A step about one layer names it, with
    its bytes in all and so far: None where the server does not say. `job` is the name
    that a server gives to a download that goes on without us.
    """

    said: str
    layer: str = ""
    total: int | None = None
    completed: int | None = None
    job: str = ""


@dataclass(frozen=True, slots=True)
class NewModel:
    """A model to be made from another one; `parameters` have the names of a Modelfile.

    `messages` are pairs of a role and a text.
    """

    name: str
    base: str
    template: str = ""
    system: str = ""
    licenses: tuple[str, ...] = ()
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    messages: tuple[tuple[str, str], ...] = ()
    renderer: str = ""
    parser: str = ""
    requires: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture to look at; `media_type` as in "image/png"."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that the model wants called; `arguments` is JSON text, as it wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may ask for; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message; a tool's answer has role "tool" and says whose call it answers.

    `thinking` is what the model thought before a reply of its own; only servers that take
    it back are told.
    """

    role: str
    text: str
    images: tuple[Image, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    answers: ToolCall | None = None
    thinking: str = ""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One reply that is wanted; `parameters` have the names of a Modelfile.

    With `go_on`, the last message is a reply that broke off: the model writes its rest.
    `format` is "json" for any JSON object, or the JSON schema of one. With `think` at
    None the model thinks as it likes.
    """

    model: str
    messages: tuple[ChatMessage, ...]
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    tools: tuple[Tool, ...] = ()
    go_on: bool = False
    format: str | Mapping[str, Any] | None = None
    think: Think | None = None


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
class Loading:
    """The model is on its way into memory: what share of it is there, from 0 to 1, or how
    many of its bytes; None where nobody tells."""

    share: float | None = None
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The model reads the prompt: so many of its tokens, None where only a share is told;
    `cached` of them it knew already. `share` is from 0 to 1."""

    done: int | None = None
    total: int | None = None
    cached: int = 0
    share: float | None = None


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


@dataclass(frozen=True, slots=True)
class Honour:
    """What a server calls a parameter, and which of its values it takes.

    A value beyond a limit is sent as the limit, or with `strict` not at all. One below
    `default_below` means "as the server likes", which is said by saying nothing. `many`
    is how many texts it takes. With `first_question`, it counts only there.
    """

    names: tuple[str, ...]
    least: float | None = None
    most: float | None = None
    strict: bool = False
    default_below: int | None = None
    many: int | None = None
    first_question: bool = False


class Dialect(StrEnum):
    """Whose words a server understands as they are, without our translating."""

    OPENAI = "openai"
    OLLAMA = "ollama"


class Form(StrEnum):
    """How an answer comes: as server-sent events, as lines of JSON, or whole."""

    EVENTS = "events"
    LINES = "lines"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A question in a dialect that the server speaks itself, passed on as it is.

    `body` names the model as this server spells it. With `hides_usage`, the event that
    tells the tokens was asked for by us, and is not passed on.
    """

    path: str
    body: Mapping[str, Any]
    form: Form = Form.WHOLE
    hides_usage: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of an answer as the server sent them; of a stream whole events or lines."""

    content: bytes
    streamed: bool = True

    @property
    def events(self) -> int:
        """How many of them came at once: servers send each token as one, as a rule."""
        return self.content.count(b"\n\n") or self.content.count(b"\n") or 1


Chunk = Loading | Reading | Text | Reasoning | ToolCall | Piece | Finish
