"""A web process that looks, again and again, for replies that nobody has begun."""

import asyncio
import logging
from typing import Final

from django.utils import timezone

from chat.generation import begin_writing
from chat.services.unbegun import UNHEARD, take_up
from chat.writers import is_ending
from dashboard.errors import DatabaseAway
from dashboard.live.db import in_db

log = logging.getLogger(__name__)

LOOK: Final = 2.0
"""Seconds between two looks."""


async def keep_taking_up() -> None:
    """Write what other processes have left waiting, until this one ends."""
    while not is_ending():
        try:
            await write_the_unbegun()
        except DatabaseAway:
            log.warning("Who was left waiting is looked for later.")
        except Exception:
            log.exception("Who was left waiting is not known; the next look is soon.")
        await asyncio.sleep(LOOK)


async def write_the_unbegun() -> None:
    """Take up what was left, once."""
    for turn in await in_db(take_up)(before=timezone.now() - UNHEARD):
        begin_writing(turn)
