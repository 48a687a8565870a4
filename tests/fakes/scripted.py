"""A kind of server that pulls by a script: each time it is asked, the next one."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar, cast

from models_app.adapters import ADAPTERS
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import Can, PullStep
from models_app.adapters.openai import OpenAIAdapter

KIND = "scripted"
HANG = "hang"
Line = PullStep | Exception | Callable[[], object] | asyncio.Event | str


def layer(completed: int | None, total: int | None = 100, name: str = "a") -> PullStep:
    return PullStep("pulling", name, total, completed)


@dataclass
class Clock:
    """A clock that goes on only when it is told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> Callable[[], None]:
        """A line of a script by which so much time passes."""

        def passes() -> None:
            self.now += seconds

        return passes


@dataclass
class Script:
    """What the server does when it is asked, and what it was asked."""

    takes: list[Sequence[Line]] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    hung_up: int = 0
    cancelled: list[str] = field(default_factory=list)

    async def play(self) -> AsyncGenerator[PullStep, None]:
        for line in self.takes.pop(0) if len(self.takes) > 1 else self.takes[0]:
            if isinstance(line, PullStep):
                yield line
            elif isinstance(line, Exception):
                raise line
            elif isinstance(line, str):
                await asyncio.Event().wait()
            elif isinstance(line, asyncio.Event):
                await line.wait()
            else:
                line()
                await asyncio.sleep(0)


class ScriptedAdapter(OpenAIAdapter):
    can: ClassVar[frozenset[Can]] = frozenset({Can.LIST, Can.PULL, Can.CANCEL})
    script: ClassVar[Script]

    async def pull(self, name: str, *, job: str = "") -> AsyncGenerator[PullStep, None]:
        script = self.script
        script.jobs.append(job)
        try:
            async for step in script.play():
                yield step
        except (asyncio.CancelledError, GeneratorExit):
            script.hung_up += 1
            raise

    async def cancel_pull(self, name: str) -> None:
        self.script.cancelled.append(name)


@contextmanager
def scripted(*takes: Sequence[Line]) -> Iterator[Script]:
    """Servers of the kind `KIND` follow these scripts, the last one again and again."""
    known = cast("dict[str, type[Adapter]]", ADAPTERS)
    ScriptedAdapter.script = Script(list(takes))
    known[KIND] = cast("type[Adapter]", ScriptedAdapter)
    try:
        yield ScriptedAdapter.script
    finally:
        del known[KIND]
