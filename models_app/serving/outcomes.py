"""What real replies tell about a server: the best news of its health there is."""

import time

from dashboard.errors import BackendError
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from models_app.services.backends import note_reply

PAUSE = 5.0
"""Seconds between two notes of a server that goes on well."""

_noted: dict[int, float] = {}


def note_outcome(backend: int, failure: BackendError | None = None) -> None:
    """Keep how a reply ended, without letting anybody wait for it.

    Good news that are no news are left out: a busy server ends many replies a second.
    """
    now = time.monotonic()
    if failure is None and now - _noted.get(backend, -PAUSE) < PAUSE:
        return
    _noted[backend] = now if failure is None else -PAUSE
    in_background(_note(backend, failure))


async def _note(backend: int, failure: BackendError | None) -> None:
    await in_db(note_reply)(backend, failure)
