"""How often a fast reply is read: as often as a screen need show it, not once a token."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

Read = Callable[[], Awaitable[bytes]]
"""A call for the next bytes of a body; b"" at its end."""

TICK: Final = 0.04
"""Seconds. All replies of a process are read at the same ticks: each waking costs about as
much as a token, and so they share it."""
FULL: Final = 16 * 1024
"""Bytes: a piece as large as one read brings, after which more may be there already."""
AT_ONCE: Final = 8
"""Reads at the beginning of a reply that wait for no tick: somebody waits for them."""


def paced(
    read: Read,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Read:
    """The same call, which after the first ones reads once a tick: what comes meanwhile
    is read together. Nothing is held up that comes more slowly, nor what is much."""
    reads, last = 0, 0.0

    async def next_bytes() -> bytes:
        nonlocal reads, last
        reads += 1
        next_tick = (last // TICK + 1) * TICK
        if reads > AT_ONCE and (left := next_tick - now()) > 0:
            await sleep(left)
        piece = await read()
        last = now() if len(piece) < FULL else 0.0
        return piece

    return next_bytes
