"""When a sample was taken, by our clock, whatever that of its host says."""

from collections import deque
from dataclasses import dataclass

from models_app.gpu.samples import NodeSample

TRUSTED = 2.0
"""Seconds that a host's clock may be off and count all the same."""
HOPELESS = 3600.0
"""Seconds beyond which a clock tells nothing any more."""
WINDOW = 300.0
MOST = 600
"""Differences that are kept; who sends more has a shorter window."""
STEP = 1.0
"""Seconds by which a clock was set when it moved against the monotonic one."""


@dataclass(frozen=True, slots=True)
class Placed:
    """`offset` is what the host's clock lacks to ours."""

    at: float
    offset: float


class NodeClock:
    """One run of one agent.

    A sample that waited in a queue arrives late, never early: so the least difference of
    five minutes is how far its clock is off.
    """

    def __init__(self) -> None:
        self._differences: deque[tuple[float, float]] = deque(maxlen=MOST)
        self._newest: NodeSample | None = None

    def place(self, sample: NodeSample, *, received: float) -> Placed:
        """Its time, and note how far the clock is off."""
        was_set = self._newest is not None and self._was_set(self._newest, sample)
        if was_set:
            self._differences.clear()
        self._newest = sample
        self._note(received, received - sample.sent_at)
        if was_set:
            return Placed(received, self.offset)
        return self.place_late(sample, received=received)

    def place_late(self, sample: NodeSample, *, received: float) -> Placed:
        """The time of one that others have overtaken; it tells nothing of the clock."""
        if not self._differences:
            self._note(received, received - sample.sent_at)
        offset = self.offset
        if abs(offset) > HOPELESS:
            return Placed(received, offset)
        return Placed(sample.sent_at + (0 if abs(offset) < TRUSTED else offset), offset)

    @property
    def offset(self) -> float:
        return min(difference for _at, difference in self._differences)

    def remember(self, sample: NodeSample, *, received: float, offset: float) -> None:
        """Go on from what another process found out."""
        self._newest = sample
        self._note(received, offset)

    def _note(self, received: float, difference: float) -> None:
        self._differences.append((received, difference))
        while self._differences[0][0] < received - WINDOW:
            self._differences.popleft()

    def _was_set(self, before: NodeSample, sample: NodeSample) -> bool:
        moved = (sample.sent_at - before.sent_at) - (sample.mono - before.mono)
        return sample.sent_at < before.sent_at or abs(moved) > STEP
