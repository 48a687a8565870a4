"""What services told the pages and the queue, heard where both begin: at the commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.test import TestCase

from dashboard.live.bus import tell


@contextmanager
def published() -> Iterator[list[Any]]:
    """The events that were published in the block, in order."""
    heard: list[Any] = []
    with TestCase.captureOnCommitCallbacks() as callbacks:
        yield heard
    for callback in callbacks:
        if isinstance(callback, partial) and callback.func is tell:
            heard += callback.args


@contextmanager
def enqueued() -> Iterator[list[tuple[Any, ...]]]:
    """The tasks that were enqueued in the block, each with its arguments."""
    tasks: list[tuple[Any, ...]] = []
    with TestCase.captureOnCommitCallbacks() as callbacks:
        yield tasks
    for callback in callbacks:
        if isinstance(callback, partial) and isinstance(callback.args[0], str):
            name, args = callback.args
            tasks.append((name, *args))
