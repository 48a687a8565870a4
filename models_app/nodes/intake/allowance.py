"""How many samples of one host are taken, so that it leaves time for the others."""

from dataclasses import dataclass

from models_app.gpu.keys import STREAM_LENGTH

A_SECOND = 4.0
"""An agent sends one."""
AT_ONCE = 2 * STREAM_LENGTH
"""What may have waited for us while nobody took anything in."""
REST = 10.0
"""Seconds for which a host is not heard whose stream had to be thrown away: each time
costs what all wait for."""


@dataclass
class Allowance:
    """It grows by the second, up to what may have waited."""

    saved: float = AT_ONCE
    at: float | None = None

    def left(self, now: float) -> int:
        """How many may be taken now."""
        passed = 0.0 if self.at is None else max(0.0, now - self.at)
        self.saved = min(AT_ONCE, self.saved + A_SECOND * passed)
        self.at = now
        return int(self.saved)

    def spend(self, count: int) -> None:
        self.saved -= count

    def rest(self) -> None:
        self.saved = -A_SECOND * REST
