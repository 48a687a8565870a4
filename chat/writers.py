"""The replies that this process is writing: their checkpoints, and their stops."""

import asyncio
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from chat.draft import Draft
from chat.services.replies import Beat, checkpoint
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from dashboard.live.events import WRITERS

log = logging.getLogger(__name__)

BEAT = 1.0
"""Seconds between two checkpoints."""


@dataclass(slots=True)
class Writing:
    """A reply under way; `stop` ends it, `interrupted` says that nobody asked for that."""

    message: int
    draft: Draft
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    interrupted: bool = False

    def interrupt(self) -> None:
        self.interrupted = True
        self.stop.set()

    def beat(self) -> Beat:
        return Beat(
            message=self.message,
            seq=self.draft.seq,
            text=self.draft.shown,
            reasoning=self.draft.reasoning,
            server=self.draft.server,
            ticket=self.draft.ticket,
            way=self.draft.way(now=time.monotonic(), at=time.time()),
        )


_open: dict[int, Writing] = {}
_ending: set[asyncio.AbstractEventLoop] = set()
"""The loops of this process that are about to end."""
_helpers: dict[str, asyncio.Task[None]] = {}


@contextmanager
def writing(message: int, draft: Draft) -> Iterator[Writing]:
    """Checkpoint the draft, and hear its stop, until the block ends."""
    under_way = Writing(message, draft)
    if earlier := _open.get(message):
        # Its row was closed by the sweeper, and reopened since: it writes for nobody.
        earlier.stop.set()
    _open[message] = under_way
    if is_ending():
        under_way.interrupt()
    _start_helpers()
    try:
        yield under_way
    finally:
        if _open.get(message) is under_way:
            del _open[message]
        under_way.closed.set()


async def interrupt_all() -> None:
    """End every reply of this process as interrupted, and each that begins from now on.

    Returns when the rows of those under way are closed, or left to another process.
    """
    _ending.add(asyncio.get_running_loop())
    under_way = list(_open.values())
    for each in under_way:
        each.interrupt()
    await asyncio.gather(*(each.closed.wait() for each in under_way))


def is_writing(message: int) -> bool:
    """Whether this process has the reply under way."""
    return message in _open


def is_ending() -> bool:
    """Whether this loop is about to end."""
    return asyncio.get_running_loop() in _ending


def _start_helpers() -> None:
    for helper in (_beat, _listen):
        task = _helpers.get(helper.__name__)
        here = asyncio.get_running_loop()
        if task is None or task.done() or task.get_loop() is not here:
            _helpers[helper.__name__] = in_background(helper())


async def _beat() -> None:
    while True:
        await asyncio.sleep(BEAT)
        if not _open:
            continue
        try:
            under_way = list(_open.values())
            stops = await in_db(checkpoint)([each.beat() for each in under_way])
            for each in under_way:
                if each.message in stops:
                    each.stop.set()
        except Exception:
            log.exception("A checkpoint was not saved; the next one is in a second.")


async def _listen() -> None:
    """Hear stops at once; without Redis they come with the next checkpoint."""
    while True:
        try:
            layer = get_channel_layer()
            channel = await layer.new_channel("writers.")
            await layer.group_add(WRITERS, channel)
            while True:
                message = await layer.receive(channel)
                if "frame" in message:
                    _stop(json.loads(message["frame"])["message"])
        except (RedisError, OSError) as failure:
            log.warning("Stops are heard by checkpoint only: %s", failure)
            await asyncio.sleep(BEAT)


def _stop(message: int) -> None:
    if message in _open:
        _open[message].stop.set()
