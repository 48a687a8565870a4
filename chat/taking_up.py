"""A web process that looks, again and again, for replies that nobody has begun."""

import asyncio
import logging
from collections.abc import Collection
from typing import Final

from django.utils import timezone

from chat.generation import begin_writing
from chat.services.unbegun import UNHEARD, Left, left_waiting, take_up
from chat.writers import is_ending, is_writing
from dashboard.errors import DatabaseAway
from dashboard.live.db import in_db

log = logging.getLogger(__name__)

LOOK: Final = 2.0
"""Seconds between two looks."""


async def keep_taking_up() -> None:
    """Write what other processes have left waiting, until this one ends."""
    seen: list[Left] = []
    while not is_ending():
        try:
            seen = await write_the_unbegun(seen)
        except DatabaseAway:
            seen = []
            log.warning("Who was left waiting is looked for later.")
        except Exception:
            seen = []
            log.exception("Who was left waiting is not known; the next look is soon.")
        await asyncio.sleep(LOOK)


async def write_the_unbegun(seen: Collection[Left] = ()) -> list[Left]:
    """Take up what was left in order, and what the look before has `seen` as it is still;
    say what this look saw.

    One look is not enough: after the database was away, or this machine slept, nobody has
    been heard for a while, and each writer that lives is within a second.
    """
    found = await in_db(left_waiting)(before=timezone.now() - UNHEARD)
    left = [each for each in found if not is_writing(each.message)]
    for each in left:
        if each.handed_on or each in seen:
            await _take_up(each)
    return left


async def _take_up(left: Left) -> None:
    """One of them; what is wrong with it keeps no other one from being taken up."""
    try:
        begin_writing(await in_db(take_up)(left))
    except DatabaseAway:
        raise
    except Exception:
        log.exception("Reply %s was left waiting, and not taken up.", left.message)
