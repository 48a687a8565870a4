"""The one way from async code to the database."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections

P = ParamSpec("P")
T = TypeVar("T")

# A thread of its own: in asgiref's shared one, Channels closes the connection each time a
# socket opens, and SQLite then folds its log back into the file.
_thread = ThreadPoolExecutor(1, "database")


def in_db(work: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Run a sync service or query in the process's one database thread.

    Its connection stays open between calls (opening one costs more than most calls) and
    is dropped when the database has broken it.
    """

    def with_care(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return work(*args, **kwargs)
        finally:
            for connection in connections.all(initialized_only=True):
                if connection.errors_occurred:
                    connection.close_if_unusable_or_obsolete()

    return sync_to_async(with_care, thread_sensitive=False, executor=_thread)
