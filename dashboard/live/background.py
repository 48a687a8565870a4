"""Async work that outlives the handler or the request that began it."""

import asyncio
import contextvars
import logging
from collections.abc import Coroutine

log = logging.getLogger(__name__)

_running: set[asyncio.Task[None]] = set()


def in_background(work: Coroutine[object, object, None]) -> asyncio.Task[None]:
    """Start the work, keep hold of it until it ends, and log it if it fails."""
    # A fresh context: a request's own one names a database thread that ends with it.
    task = asyncio.create_task(work, context=contextvars.Context())
    _running.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[None]) -> None:
    _running.discard(task)
    if not task.cancelled() and (failure := task.exception()):
        log.error("Background work failed.", exc_info=failure)
