"""One host as the intake knows it, and what becomes of a sample of it."""

import logging
from dataclasses import dataclass, field

from models_app.gpu.samples import NodeSample, Unreadable, read_sample
from models_app.nodes.intake.boots import Boots, Verdict
from models_app.nodes.intake.clock import NodeClock, Placed
from models_app.nodes.latest import Latest
from models_app.nodes.states import NodeState, state_of
from models_app.nodes.troubles import Trouble, stored_trouble

log = logging.getLogger(__name__)

LASTING = 60.0
"""Seconds for which something that was wrong is shown."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A sample that counts; a late one is history, and nothing that is so now."""

    sample: NodeSample
    received: float
    at: float
    offset: float
    late: bool = False


@dataclass
class Known:
    """`told` is what pages were told last of what seldom changes."""

    pk: int
    name: str
    boots: Boots = field(default_factory=Boots)
    clock: NodeClock = field(default_factory=NodeClock)
    newest: Taken | None = None
    state: NodeState | None = None
    told: object = None
    unreadable: int = 0
    no_access: str = ""
    noted: dict[Trouble, tuple[float, str]] = field(default_factory=dict)

    def remember(self, latest: Latest) -> None:
        """Go on from what another process has taken in."""
        sample, received = latest.sample, latest.received_at
        self.newest = Taken(sample, received, received, latest.offset)
        self.boots.remember(
            sample.boot, seq=sample.seq, heard=received, interval=sample.interval
        )
        self.clock.remember(sample, received=received, offset=latest.offset)

    def take(self, raw: bytes, *, received: float) -> Taken | None:
        """The sample in time, or None: unreadable, known already, or a second agent's."""
        try:
            sample = read_sample(raw, node=self.name)
        except Unreadable as nonsense:
            self._note_unreadable(str(nonsense), received)
            return None
        verdict = self.boots.judge(sample, received=received)
        if verdict in (Verdict.KNOWN, Verdict.REFUSED):
            return None
        if verdict is Verdict.FIRST:
            self.clock = NodeClock()
        late = verdict is Verdict.LATE
        place = self.clock.place_late if late else self.clock.place
        placed: Placed = place(sample, received=received)
        taken = Taken(sample, received, placed.at, placed.offset, late)
        if not late:
            self.newest = taken
        return taken

    def look(self, now: float) -> NodeState:
        """How it is now."""
        if self.newest is None:
            return state_of(None)
        age = max(0.0, now - self.newest.received)
        return state_of(age, interval=self.newest.sample.interval)

    def note(self, trouble: Trouble, detail: str = "", *, now: float) -> None:
        """Show this for a while, unless there is something worse."""
        if trouble not in self.noted:
            log.warning("Trouble with what %s sends: %s %s", self.name, trouble, detail)
        self.noted[trouble] = (now, detail)

    def trouble(self, now: float) -> str:
        """What is wrong, as it is stored; the worst of it."""
        if self.boots.two_agents(now=now):
            return stored_trouble(Trouble.TWO_AGENTS)
        lasting = {k: v for k, v in self.noted.items() if now - v[0] < LASTING}
        self.noted = lasting
        if Trouble.UNREADABLE not in lasting:
            self.unreadable = 0
        for each in Trouble:
            if each in lasting:
                return stored_trouble(each, lasting[each][1])
        return self.no_access

    def _note_unreadable(self, why: str, received: float) -> None:
        self.unreadable += 1
        detail = f"{why[:200]}; ×{self.unreadable}"
        self.note(Trouble.UNREADABLE, detail, now=received)
