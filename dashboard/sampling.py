"""The sampler inside a worker: says of this host how it is, for as long as that runs."""

import logging
import os
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from celery import bootsteps
from django.conf import settings

from models_app.gpu.host import HostFigures
from models_app.gpu.keys import own_name
from models_app.gpu.outbox import Outbox, link_to
from models_app.gpu.reading import CardSource
from models_app.gpu.sampler import Sampler
from models_app.gpu.samples import Card
from models_app.gpu.sources import sources_of_this_host
from models_app.nodes.drivers import driver_text

log = logging.getLogger(__name__)

STOPS_WITHIN = 3.0
AGENT = "paddock"
BEGINNING = 3
"""Round trips, of a second each, in which a driver may find its cards."""
AGAIN = 10.0
"""Seconds after which a sampler that could not be made is tried again."""


class Sampling(threading.Thread):
    """A sampler as a thread. Drivers are opened in it, so never before a fork.

    It goes on until it is told to end, for nothing else would start it again.
    """

    def __init__(self, node: str, url: str, *, again: float = AGAIN) -> None:
        super().__init__(name="sampler", daemon=True)
        self.node, self.url, self.again = node, url, again
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            try:
                make_sampler(self.node, self.url).run(self.over)
            except Exception:
                log.exception(
                    "This host does not say how it is, for that cannot be found out. "
                    "It is tried again every %d seconds.",
                    self.again,
                )
                self.over.wait(self.again)

    def stop(self) -> None:
        self.over.set()
        self.join(STOPS_WITHIN)


class SamplerStep(bootsteps.StartStopStep):
    """Starts the sampler with a worker that was told `--with-sampler`."""

    requires = ("celery.worker.components:Pool",)

    def __init__(
        self, worker: Any, *, with_sampler: bool = False, **options: Any
    ) -> None:
        super().__init__(worker, **options)
        self.enabled = with_sampler

    def create(self, worker: Any) -> Sampling:  # type: ignore[override] # so in the stubs
        return Sampling(own_name(settings.PADDOCK_NODE), settings.REDIS_URL)


def make_sampler(node: str, url: str) -> Sampler:
    sources = sources_of_this_host(node)
    heard = Heard(node, url, sources, say=settings.IS_NODE)
    return Sampler(
        node=node,
        outbox=Outbox(link_to(url), node=node, delivered=heard),
        sources=sources,
        host=HostFigures(data=settings.PADDOCK_DATA, environment=os.environ),
        agent=AGENT,
    )


@dataclass
class Heard:
    """What happens each time Redis has taken what this host has to say; the agent of a host
    elsewhere says once that it is heard, for else its terminal would stay empty."""

    node: str
    url: str
    sources: Sequence[CardSource]
    say: bool
    times: int = 0

    def __call__(self) -> None:
        mark_as_well()
        self.times += 1
        cards = [card for each in self.sources for card in each.reading.cards]
        if self.say and (cards or self.times > BEGINNING):
            self.say = False
            # Celery takes what is written to sys.stdout for a warning to be logged.
            terminal = sys.__stdout__ or sys.stdout
            terminal.write(f"{self._line(cards)}\n")
            terminal.flush()

    def _line(self, cards: Sequence[Card]) -> str:
        parts = urlsplit(self.url)
        address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        kinds = Counter("a lost card" if e.lost else e.name for e in cards)
        found = ", ".join(f"{n} × {name}" for name, n in kinds.items())
        states = [driver_text(each.reading.driver) for each in self.sources]
        none = " ".join(["none.", *filter(None, states)])
        return f"{self.node} is heard at {address}. Cards found: {found or none}"


def mark_as_well() -> None:
    """Redis has taken what this host has to say; compose.yaml looks how long ago."""
    try:
        (settings.PADDOCK_DATA / "sampled").touch()
    except OSError as failure:
        # A full disk or a read-only one is no reason to say less; the container alone
        # is taken for unwell then.
        log.debug("Cannot mark that this host was heard: %s", failure)
