"""What the rules look at, and what they find: plain values, without database or clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from models_app.gpu.metrics import DriverState
from models_app.gpu.samples import NodeSample
from models_app.models import AlertKind
from models_app.nodes.serving import ServerNow

NO_LOOK = frozenset(
    {
        DriverState.DRIVER_DOWN,
        DriverState.REBOOT_NEEDED,
        DriverState.CONTAINER_LOST_GPU,
        DriverState.STUCK,
        DriverState.FAILED,
    }
)
"""States in which a host cannot say which cards it has."""
LATE = 3
"""Intervals after which a host counts as late: then nothing is said of its cards."""


class Verdict(Enum):
    """`BETWEEN`: neither bad enough to say so, nor good enough to take it back."""

    TROUBLE = auto()
    BETWEEN = auto()
    CALM = auto()


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about; a card is known by its host and its UUID."""

    node: int | None = None
    gpu: str = ""
    backend: int | None = None

    @property
    def key(self) -> str:
        if self.backend is not None:
            return f"backend:{self.backend}"
        return f"gpu:{self.node}:{self.gpu}" if self.gpu else f"node:{self.node}"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is in one respect. What is not known is no finding.

    It must last `lasts` seconds until it is said. `affected` are the servers whose replies
    suffer by it, by number.
    """

    kind: AlertKind
    subject: Subject
    verdict: Verdict
    lasts: float = 0
    value: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    affected: tuple[int, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.kind.value, self.subject.key


@dataclass(frozen=True, slots=True)
class ServerReading:
    """A model server as it was last looked at; `failure` is "" for one that answers."""

    pk: int
    name: str
    kind: str
    failure: str = ""


@dataclass(frozen=True, slots=True)
class HostReading:
    """A host and its last sample, `age` seconds old, None where there is none, the servers
    that may run on it, and how many cards it has `had` so far.

    The sample's errors (Xid) have their times by our clock, and none is to come.
    """

    pk: int
    name: str
    age: float | None = None
    sample: NodeSample | None = None
    servers: tuple[ServerNow, ...] = ()
    had: int = 0

    @property
    def fresh(self) -> NodeSample | None:
        """The sample, while it says how the host is now."""
        if self.sample is None or self.age is None:
            return None
        return self.sample if self.age <= LATE * self.sample.interval else None

    @property
    def tells_cards(self) -> bool:
        """Whether a card that is not in its sample is not in the host either."""
        return self.fresh is not None and self.fresh.driver not in NO_LOOK


@dataclass(frozen=True, slots=True)
class Readings:
    """Everything that is known at one moment (Unix time)."""

    now: float
    hosts: tuple[HostReading, ...] = ()
    servers: tuple[ServerReading, ...] = ()
