"""Pulls, told to whoever asked for one in Ollama's dialect.

What has begun goes on in the house, whether its caller listens or not: others may wait for
it, and the page of the models stops it.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from dashboard.errors import DashboardError, PullCancelled, error_class
from dashboard.live.db import in_db
from models_app.adapters.base import Piece
from models_app.gateway.ollama.lines import Said
from models_app.models import Pull
from models_app.serving.ask import Step

TICK: Final = 0.25
"""Seconds between two looks; a puller writes its row twice a second."""
SUCCESS: Final = "success"
WAITS: Final = "waiting for its turn"


@dataclass(slots=True)
class News:
    """What a row says that was not told yet. Pure."""

    said: str = ""
    layers: dict[str, Said] = field(default_factory=dict)

    def of(self, pull: Pull) -> Iterator[Said]:
        """Lines in Ollama's shape; `SUCCESS` is told by the row's status alone."""
        if pull.status == Pull.Status.QUEUED:
            yield from self._say(WAITS)
        for each in pull.layers:
            yield from self._layer(each)
        is_layers = pull.said.startswith("pulling ") and bool(pull.layers)
        if pull.said and pull.said != SUCCESS and not is_layers:
            yield from self._say(pull.said)

    def _say(self, said: str) -> Iterator[Said]:
        if said != self.said:
            self.said = said
            yield {"status": said}

    def _layer(self, layer: dict[str, Any]) -> Iterator[Said]:
        name = str(layer["name"])
        line: Said = {
            "status": f"pulling {name.removeprefix('sha256:')[:12]}",
            "digest": name,
            "total": layer["total"],
            "completed": layer["completed"],
        }
        if self.layers.get(name) != line:
            self.layers[name] = line
            yield {key: value for key, value in line.items() if value}


async def pull_steps(pull: int, server: str) -> AsyncGenerator[Step, None]:
    """Lines until it has ended; raises what it failed with."""
    news = News()
    yield _line({"status": f"pulling to {server}"})
    while True:
        row = await in_db(_row)(pull)
        for told in news.of(row):
            yield _line(told)
        if not row.is_open:
            break
        await asyncio.sleep(TICK)
    check_done(row)
    yield _line({"status": SUCCESS})


async def pull_whole(pull: int, server: str) -> AsyncGenerator[Step, None]:
    """One word once it has ended; raises what it failed with."""
    async with aclosing(pull_steps(pull, server)) as steps:
        async for _ in steps:
            pass
    yield Piece(msgspec.json.encode({"status": SUCCESS}), streamed=False)


def check_done(row: Pull) -> None:
    """The failure of a pull that is not there in the end."""
    if row.status == Pull.Status.CANCELLED:
        raise PullCancelled(name=row.name, server=row.backend.name)
    if row.status != Pull.Status.DONE:
        raise failure_of(row.error_code, row.error_facts)


def failure_of(code: str, facts: dict[str, str | int]) -> DashboardError:
    """A failure as it was kept in a row; plain where its facts are incomplete."""
    try:
        return error_class(code)(**facts)
    except KeyError:
        return DashboardError()


def _row(pull: int) -> Pull:
    return Pull.objects.select_related("backend").get(pk=pull)


def _line(told: Said) -> Piece:
    return Piece(msgspec.json.encode(told) + b"\n")
