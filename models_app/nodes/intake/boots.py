"""Which samples of one name are new, and which come from a second agent under it."""

from enum import Enum, auto

from models_app.gpu.samples import NodeSample

REMEMBERED = 3600
"""Samples of a run that are known apart; older ones are over."""
RETURNS = 60.0
"""Seconds within which a run that was taken for over shows that it is not."""
PATIENCE = 15.0
"""Seconds of silence after which a second agent may have the name."""
SAME_MOMENT = 0.05
"""Seconds by which two processes may tell the arrival of one sample differently."""


class Verdict(Enum):
    NEW = auto()
    FIRST = auto()
    """New, and the first of its run."""
    LATE = auto()
    """Not seen before, but overtaken."""
    KNOWN = auto()
    REFUSED = auto()


class Boots:
    """The run of an agent that is heard under one name.

    A new run takes over at once: agents are restarted. When the one before goes on all
    the same, there are two, and the first keeps the name for as long as it is heard.
    """

    def __init__(self) -> None:
        self.boot = ""
        self.newest = -1
        self._seen: set[int] = set()
        self._heard = 0.0
        self._interval = 0.0
        self._over: dict[str, float] = {}
        self._refused: dict[str, float] = {}

    def remember(self, boot: str, *, seq: int, heard: float, interval: float) -> None:
        """Go on from what another process has taken in."""
        self.boot, self.newest, self._heard = boot, seq, heard
        self._interval = interval

    def judge(self, sample: NodeSample, *, received: float) -> Verdict:
        first = sample.boot != self.boot
        if first and received <= self._heard + SAME_MOMENT:
            # The stream is read once more, and this is from before the newest run.
            return Verdict.KNOWN
        if first:
            if not self._may_take_over(sample.boot, received):
                self._refused[sample.boot] = received
                return Verdict.REFUSED
            self._take_over(sample.boot, received)
        if not first and sample.seq <= self.newest:
            return self._overtaken(sample.seq)
        self.newest = sample.seq
        self._heard = max(self._heard, received)
        self._interval = sample.interval
        self._see(sample.seq)
        return Verdict.FIRST if first else Verdict.NEW

    def two_agents(self, *, now: float) -> bool:
        """Whether a second one was refused a moment ago."""
        self._forget(now)
        return bool(self._refused)

    def _may_take_over(self, boot: str, received: float) -> bool:
        self._forget(received)
        if boot in self._over:
            # The one that took its name was a second agent, and not a restart.
            del self._over[boot]
            self._refused[self.boot] = received
            return True
        return boot not in self._refused or received - self._heard > self._patience

    def _take_over(self, boot: str, received: float) -> None:
        if self.boot and self.boot not in self._refused:
            self._over[self.boot] = received
        self._refused.pop(boot, None)
        self.boot, self.newest = boot, -1
        self._seen.clear()

    @property
    def _patience(self) -> float:
        return max(PATIENCE, 3 * self._interval)

    def _forget(self, now: float) -> None:
        lasting = max(RETURNS, 3 * self._interval)
        self._over = {k: at for k, at in self._over.items() if now - at < lasting}
        kept = 2 * self._patience
        self._refused = {k: at for k, at in self._refused.items() if now - at < kept}

    def _overtaken(self, seq: int) -> Verdict:
        if seq in self._seen or seq < self.newest - REMEMBERED:
            return Verdict.KNOWN
        self._see(seq)
        return Verdict.LATE

    def _see(self, seq: int) -> None:
        self._seen.add(seq)
        if len(self._seen) > 2 * REMEMBERED:
            self._seen = {s for s in self._seen if s > self.newest - REMEMBERED}
