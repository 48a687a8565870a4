"""Writing the last word on a row, though the database may be away for a while."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from django.db import Error

from dashboard.errors import DatabaseAway

log = logging.getLogger(__name__)

PAUSES = (0.2, 1.0, 5.0, 15.0)
"""Seconds between the tries to close a row that the database would not take."""


async def closed_at_last(close: Callable[[], Awaitable[object]], what: object) -> None:
    """Close a row; while the database is away, try again."""
    for pause in (*PAUSES, None):
        try:
            await close()
        except (Error, DatabaseAway):
            if pause is None:
                raise
            log.exception("%s is not closed yet.", what)
            await asyncio.sleep(pause)
        else:
            return
