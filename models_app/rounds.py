"""Work on rows side by side, in one thread: also on those that come while it goes on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

TICK = 1.0
"""Seconds after which a round sees what else has come due."""


async def in_rounds(
    claim: Callable[[], Awaitable[Sequence[T]]],
    work: Callable[[T], Awaitable[None]],
    *,
    go_on: Callable[[], bool],
    tick: float = TICK,
) -> None:
    """Work on all that can be claimed; the end is when nothing is left.

    So nothing slow delays anything else, or takes a second thread of the worker. Once
    `go_on` says no, nothing more is claimed.
    """
    under_way: set[asyncio.Future[None]] = set()
    while True:
        due = await claim() if go_on() else []
        under_way |= {asyncio.ensure_future(work(each)) for each in due}
        if not under_way:
            return
        done, under_way = await asyncio.wait(under_way, timeout=tick)
        for each in done:
            if failure := each.exception():
                log.error("A part of a round failed.", exc_info=failure)
        if not under_way:
            return
