"""What every kind of model server is, to those who ask it."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar, Protocol

import httpx

from models_app.adapters.base import (
    Can,
    ChatRequest,
    Chunk,
    Dialect,
    Honour,
    LoadedModel,
    Loading,
    Meters,
    ModelFacts,
    NewModel,
    PullStep,
    Verbatim,
    Workload,
)
from models_app.adapters.signs import Sign


class Adapter(Protocol):
    """One kind of server, spoken to through a client that knows its address and key."""

    kind: ClassVar[str]
    """As it is stored."""
    label: ClassVar[str]
    port: ClassVar[int]
    """Where it listens unless told otherwise; 0 for no such habit."""
    can: ClassVar[frozenset[Can]]
    speaks: ClassVar[frozenset[Dialect]]
    """In which dialects a question can be passed on to it."""
    signs: ClassVar[tuple[Sign, ...]]
    """What gives this kind away."""
    at_start: ClassVar[Mapping[str, str]]
    """Parameters that no question can set, each with how they are set."""
    silent: ClassVar[bool]
    """Whether it may leave out what is too long for its window without a word, while what
    it says it read can be relied upon."""
    excuse: ClassVar[str]
    """Why it does not do what it cannot; `excuses` has other reasons for single things."""
    excuses: ClassVar[Mapping[Can, str]]
    example: ClassVar[str]
    """A name of a model as it takes it."""
    pause: float
    """Seconds between two questions about work that goes on without us."""

    def __init__(self, client: httpx.AsyncClient, *, server: str) -> None: ...

    @classmethod
    def in_openai(cls) -> Mapping[str, Honour]:
        """Which parameters of a Modelfile a question in OpenAI's dialect can set."""
        ...

    @classmethod
    def honours_for(cls, request: ChatRequest) -> Mapping[str, Honour]:
        """Which parameters this question can set, and to what."""
        ...

    async def list_models(self) -> list[ModelFacts]:
        """The models it offers now; raises a `BackendError`."""
        ...

    async def describe(self, model: ModelFacts) -> ModelFacts:
        """The same model with what only a question about it brings (`Can.DESCRIBE`)."""
        ...

    async def list_loaded(self) -> list[LoadedModel]:
        """The models in memory; never loads one (`Can.LOADED`)."""
        ...

    async def workload(self) -> Workload:
        """What it has to do now (`Can.WORKLOAD`)."""
        ...

    async def meters(self) -> Meters:
        """What its meters show; never wakes or loads a model (`Can.WORKLOAD`)."""
        ...

    async def version(self) -> str:
        """Of the server itself; "" when it does not say (`Can.VERSION`)."""
        ...

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Text, reasoning and calls as they come, then one `Finish`; or a `BackendError`.

        Closing the generator (`aclosing`) hangs up, which is what stops the server.
        """
        ...

    def passed(self, request: Verbatim) -> AsyncGenerator[Chunk, None]:
        """The answer's own bytes as they come, then one `Finish`; or a `BackendError`.

        Closing the generator (`aclosing`) hangs up, which is what stops the server.
        """
        ...

    def loading(self, model: str) -> AsyncGenerator[Loading, None]:
        """How far the loading of a model is, as the server tells beside the reply.

        It ends once there is no more to hear; it never loads it. Raises a `BackendError`.
        """
        ...

    async def abilities(self) -> frozenset[Can]:
        """What this very server can: less than `can` where its start or age decides."""
        ...

    @classmethod
    def full_name(cls, name: str) -> str:
        """The name under which such a server lists this model, as far as one can tell.

        A `ValueError` where this is no name at all.
        """
        ...

    def pull(self, name: str, *, job: str = "") -> AsyncGenerator[PullStep, None]:
        """Steps as the server tells them; ends by itself only once the model is whole there.

        `job` goes on with a download that was begun earlier. Raises a `PullError` or a
        `BackendError`: what needs no question at the call, all else where it is read.
        Closing the generator (`aclosing`) hangs up.
        """
        ...

    async def cancel_pull(self, name: str) -> None:
        """Stop a download that would go on when its reader hangs up (`Can.CANCEL`)."""
        ...

    async def load(
        self, name: str, *, window: int | None = None, keep_alive: int | None = None
    ) -> None:
        """Have a model in memory, and come back when it is (`Can.LOAD`).

        `window` is in tokens (`Can.WINDOW`); `keep_alive` in seconds, -1 for ever
        (`Can.KEEP`).
        """
        ...

    async def unload(self, name: str) -> None:
        """Have it out of memory; one that is not in it is no failure (`Can.UNLOAD`)."""
        ...

    async def delete(self, name: str) -> None:
        """Remove it from the server's disk (`Can.DELETE`)."""
        ...

    async def copy(self, name: str, to: str) -> None:
        """Give it a second name, whoever had that before (`Can.COPY`)."""
        ...

    def create(self, model: NewModel) -> AsyncGenerator[PullStep, None]:
        """Make a model; the steps are like those of a pull, the base may be pulled first."""
        ...

    async def modelfile(self, name: str) -> str:
        """A model's Modelfile, in the server's own words (`Can.MODELFILE`)."""
        ...

    async def shape(self, name: str) -> Mapping[str, Any]:
        """What its size in memory follows from, under the server's names (`Can.SHAPE`)."""
        ...
