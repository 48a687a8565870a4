"""The one way from async code to the database."""

import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, connections

from dashboard.errors import DatabaseAway

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)
"""What Django raises when the database is cut off, or locked for too long."""

# A thread of its own: in asgiref's shared one, Channels closes the connection each time a
# socket opens, and SQLite then folds its log back into the file.
_thread = ThreadPoolExecutor(1, "database")


def in_db(work: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Run a sync service or query in the process's one database thread.

    Its connection stays open between calls (opening one costs more than most calls) and
    is dropped when the database has broken it. Then, or when another process locked the
    database for too long, the work is done once more: a service is one transaction, and
    what a page sends carries a key or is refused the second time, so that nothing is done
    twice; a reply whose writer was lost that way is closed by the sweeper. `DatabaseAway` is
    raised when that fails as well.
    """

    def with_care(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return work(*args, **kwargs)
        except AWAY:
            if _in_transaction():
                raise
            log.warning("The database is asked again.", exc_info=True)
            _mend()
            return once_more(*args, **kwargs)
        finally:
            _mend()

    def once_more(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return work(*args, **kwargs)
        except AWAY as failure:
            log.error("The database does not answer: %s", failure)
            raise DatabaseAway from failure

    return sync_to_async(with_care, thread_sensitive=False, executor=_thread)


def _in_transaction() -> bool:
    """Whether somebody around the work holds a transaction; half of one is not repeated."""
    opened = connections.all(initialized_only=True)
    return any(connection.in_atomic_block for connection in opened)


def _mend() -> None:
    """Drop the connections that the database has broken."""
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()
