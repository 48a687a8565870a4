"""A look in a thread of its own, so that whoever waits for it can give up waiting."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Look:
    """One look at a time, each by the same thread, however long a driver holds it.

    The thread is a daemon: a call into a driver that never returns cannot be ended, and
    must not keep the process.
    """

    def __init__(self, name: str, look: Callable[[float], None]) -> None:
        self._look = look
        self._asked = threading.Event()
        self._done = threading.Event()
        self._done.set()
        self._moment = 0.0
        self._thread = threading.Thread(name=name, target=self._run, daemon=True)

    @property
    def under_way(self) -> bool:
        return not self._done.is_set()

    def under_way_for(self, now: float) -> float:
        """Seconds since the look began that has not ended; 0 when none is under way."""
        return now - self._moment if self.under_way else 0.0

    def begin(self, now: float) -> None:
        """Have it look, unless it still does."""
        if self.under_way:
            return
        self._moment = now
        self._done.clear()
        if not self._thread.is_alive():
            self._thread.start()
        self._asked.set()

    def wait(self, seconds: float) -> bool:
        """Whether the look has ended, or does so in that time."""
        return self._done.wait(max(0.0, seconds))

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            try:
                self._look(self._moment)
            except Exception:
                log.exception("A look failed; the next one is tried all the same.")
            finally:
                self._done.set()
