"""Async work that outlives the handler or the request that began it."""

import asyncio
import contextvars
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from dashboard.errors import DashboardError

T = TypeVar("T")

log = logging.getLogger(__name__)

_running: set[asyncio.Task[Any]] = set()


def in_background(work: Coroutine[object, object, T]) -> asyncio.Task[T]:
    """Start the work, keep hold of it until it ends, and log it if it breaks.

    A `DashboardError` is for whoever awaits the task.
    """
    # A fresh context: a request's own one names a database thread that ends with it.
    task = asyncio.create_task(work, context=contextvars.Context())
    _running.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    failure = None if task.cancelled() else task.exception()
    if failure and not isinstance(failure, DashboardError):
        log.error("Background work failed.", exc_info=failure)
