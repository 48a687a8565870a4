"""Says of this host, once a second while somebody watches and else seldom, how it is."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from msgspec import structs

from models_app.gpu.host import HostFigures
from models_app.gpu.looking import Look
from models_app.gpu.metrics import DriverState, Reason
from models_app.gpu.outbox import Outbox
from models_app.gpu.reading import CardSource, Reading
from models_app.gpu.samples import MOST_BYTES, NodeSample, write_sample

log = logging.getLogger(__name__)

TICK = 1.0
"""How often it is asked whether somebody watches, and then sampled."""
SELDOM = 10.0
PATIENCE = 0.5
"""Seconds of a tick for the drivers to answer; what is late by then is said to be."""
STUCK_AFTER = 10.0
HALF = 0.5


@dataclass
class Clock:
    """The clocks that a sampler goes by."""

    mono: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time


@dataclass
class Sampler:
    """One host's say. `sources` are asked each in a thread of its own.

    It ends when it is told to, and by nothing else.
    """

    node: str
    outbox: Outbox
    sources: Sequence[CardSource]
    host: HostFigures
    agent: str = ""
    clock: Clock = field(default_factory=Clock)
    patience: float = PATIENCE
    boot: str = field(default_factory=lambda: uuid.uuid4().hex)
    seq: int = 0

    def __post_init__(self) -> None:
        names = [type(source).__name__ for source in self.sources]
        looks = [source.look for source in self.sources]
        self._looks = [Look(*each) for each in zip(names, looks, strict=True)]
        self._host_look = Look("HostFigures", self.host.look)
        self._sampled_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Tick until `stop`; each tick begins a second after the one before."""
        while not stop.is_set():
            begun = self.clock.mono()
            try:
                self.tick(begun)
            except Exception:
                log.exception("A sample of this host failed; the next one is tried.")
            stop.wait(max(0.0, TICK - (self.clock.mono() - begun)))

    def tick(self, now: float) -> None:
        """Sample when it is time to; hear in any case whether somebody watches.

        Whoever begins to watch has a sample within a tick.
        """
        interval = TICK if self.outbox.watched(now) else SELDOM
        if now - self._sampled_at >= interval - HALF:
            self._sampled_at = now
            raw = self._written(self.sample(now, interval))
            if raw:
                self.outbox.add(raw)
        self.outbox.exchange(now)

    def sample(self, now: float, interval: float) -> NodeSample:
        """What there is to say now; waits for the drivers, but not long."""
        looks = (self._host_look, *self._looks)
        for look in looks:
            look.begin(now)
        deadline = self.clock.mono() + self.patience
        for look in looks:
            look.wait(deadline - self.clock.mono())
        reading = together([self._told(n, now) for n in range(len(self.sources))])
        self.seq += 1
        return NodeSample(
            node=self.node,
            boot=self.boot,
            seq=self.seq,
            sent_at=self.clock.wall(),
            mono=now,
            interval=interval,
            took=max(0.0, self.clock.mono() - now),
            driver=reading.driver,
            driver_version=reading.driver_version,
            cuda_version=reading.cuda_version,
            agent=self.agent,
            cards=reading.cards,
            host=self.host.reading,
        )

    def _told(self, number: int, now: float) -> Reading:
        look, reading = self._looks[number], self.sources[number].reading
        if not look.under_way:
            return reading
        reading = reading.without_the_late()
        if look.under_way_for(now) < STUCK_AFTER:
            return reading
        return replace(reading, driver=DriverState.STUCK)

    def _written(self, sample: NodeSample) -> bytes | None:
        """As it travels; what makes it too large goes, processes first."""
        raw = write_sample(sample)
        if len(raw) > MOST_BYTES:
            cards = tuple(
                structs.replace(card, processes=None, processes_reason=Reason.FAILED)
                for card in sample.cards
            )
            raw = write_sample(structs.replace(sample, cards=cards))
        if len(raw) > MOST_BYTES:
            log.warning("A sample of %d bytes is too large to be sent.", len(raw))
            return None
        return raw


def together(readings: Sequence[Reading]) -> Reading:
    """All cards of a host, those of the first source first, whose driver it names.

    Where that has none, another one that has cards speaks.
    """
    speaking = next((each for each in readings if _speaks(each)), Reading())
    cards = tuple(card for each in readings for card in each.cards)
    return replace(speaking, cards=cards)


def _speaks(reading: Reading) -> bool:
    return reading.driver != DriverState.NO_NVIDIA or bool(reading.cards)
