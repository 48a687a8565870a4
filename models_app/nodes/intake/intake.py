"""The intake: one step after the other, each of which takes in what came meanwhile."""

import logging
import time
from collections.abc import Callable

import redis
from django.db import DatabaseError, connection

from dashboard.live.bus import tell
from dashboard.live.events import Event, NodeChanged
from dashboard.live.lease import Lease
from models_app.models import Node
from models_app.nodes.access import Access
from models_app.nodes.intake.cards import Cards
from models_app.nodes.intake.closing import Closing
from models_app.nodes.intake.known import Known, Taken
from models_app.nodes.intake.rows import Rows
from models_app.nodes.intake.streams import Arrival, Streams
from models_app.nodes.intake.telling import gpu_sampled, seldom_changes
from models_app.nodes.latest import Latest, keep_latest, read_latest
from models_app.nodes.ring import fits_ring, keep_reading, keep_ring, pack

log = logging.getLogger(__name__)

LEASE = "paddock:status:intake"
LEASE_SECONDS = 2.4
"""A killed intake is followed by another within this, and the half second of its wait."""
LOOK_AGAIN = 3.0
"""Seconds between two looks at which hosts there are."""
DATABASE_PAUSE = 5.0
"""Seconds without the database once it failed; samples are taken in all the same."""
RING_AGAIN = 60.0
WATCHED_PAUSE, PAUSE = 0.05, 0.5
"""Seconds between two rounds, while somebody watches and else: so many rounds there are,
however much hosts send."""


class Intake:
    """One of them in each short worker; the one that has the lease does the work."""

    def __init__(
        self, link: redis.Redis, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.link, self.clock = link, clock
        self.lease = Lease(link, LEASE, seconds=LEASE_SECONDS)
        self.pause = PAUSE
        self.begin()

    def begin(self) -> None:
        """Forget all: another process may have worked meanwhile, or Redis was away."""
        self.known: dict[str, Known] = {}
        self.streams = Streams(self.link, clock=self.clock)
        self.access = Access(self.link)
        self.cards = Cards()
        self.rows = Rows(self.cards)
        self.closing = Closing(self.link, self.cards)
        self._looked_at: float | None = None
        self._no_database_until = 0.0
        self._rings: dict[str, float] = {}

    def start_over(self) -> None:
        """Have the next step forget all that may be half done."""
        self._looked_at = None

    def step(self) -> bool:
        """Take in what has come; False when another process does it. `pause` is how long
        to wait until the next."""
        self.pause = PAUSE
        if not self.lease.hold():
            self.start_over()
            return False
        if self._looked_at is None:
            self.begin()
            self._looked_at = -LOOK_AGAIN
        if abs(self.clock() - self._looked_at) >= LOOK_AGAIN:
            self._with_database(self._look_at_hosts)
            self._looked_at = self.clock()
            self.streams.follow(self.known)
        found = self.streams.read()
        self.pause = WATCHED_PAUSE if found.watched else PAUSE
        if self.lease.hold():
            for name, trouble in found.troubles.items():
                self.known[name].note(trouble, now=self.clock())
            self.take_in(found.arrivals)
        return True

    def take_in(self, arrivals: list[Arrival]) -> None:
        """Keep these and tell of them; then write what is due."""
        taken = [(self.known[each.node], each) for each in arrivals]
        accepted = [
            (known, sample)
            for known, arrival in taken
            if (sample := self._sifted(known, arrival))
        ]
        self._keep(accepted)
        newest = {known.pk: t for known, t in accepted if not t.late}
        events: list[Event] = [gpu_sampled(pk, each) for pk, each in newest.items()]
        self._with_database(self._write)
        tell(*events, *self._changes())

    def _sifted(self, known: Known, arrival: Arrival) -> Taken | None:
        """The sample, with those of its cards that are its own."""
        taken = known.take(arrival.raw, received=arrival.received)
        if taken is None:
            return None
        now = arrival.received
        sample, trouble, detail = self.cards.sift(known.pk, taken.sample, now=now)
        if trouble:
            known.note(trouble, detail, now=now)
        sifted = Taken(sample, taken.received, taken.at, taken.offset, taken.late)
        if not taken.late:
            known.newest = sifted
        return sifted

    def _keep(self, accepted: list[tuple[Known, Taken]]) -> None:
        """In Redis: each card's ring, and each host's last sample."""
        now = self.clock()
        with self.link.pipeline(transaction=False) as together:
            for known, taken in accepted:
                if not taken.late:
                    latest = Latest(taken.received, taken.offset, taken.sample)
                    keep_latest(together, latest)
                if fits_ring(taken.at, now=now):
                    self._keep_readings(together, known, taken, now)
            if len(together):
                together.execute()

    def _keep_readings(
        self,
        together: "redis.client.Pipeline",
        known: Known,
        taken: Taken,
        now: float,
    ) -> None:
        for card in taken.sample.cards:
            if card.lost or card.is_nameless:
                continue
            slot = pack(card, at=taken.at, interval=taken.sample.interval)
            keep_reading(together, card.uuid, slot, at=taken.at)
            place = (known.pk, card.uuid)
            self.closing.touch(place, at=taken.at, late=taken.late)
            if abs(now - self._rings.get(card.uuid, 0.0)) >= RING_AGAIN:
                keep_ring(together, card.uuid)
                self._rings[card.uuid] = now

    def _write(self) -> None:
        now = self.clock()
        self.rows.keep(self.known.values(), now=now)
        self.closing.close(now=now)

    def _changes(self) -> list[Event]:
        """Of hosts that are otherwise than pages were told."""
        now, events = self.clock(), list[Event]()
        for known in self.known.values():
            state, told = known.look(now), seldom_changes(known, now)
            if (state, told) != (known.state, known.told):
                known.state, known.told = state, told
                events.append(NodeChanged(known.pk))
        return events

    def _look_at_hosts(self) -> None:
        rows = list(Node.objects.all())
        nodes = {node.name: node for node in rows if node.retired_at is None}
        for name in set(self.known) - set(nodes):
            self.cards.forget(self.known.pop(name).pk)
        new = [node for name, node in nodes.items() if name not in self.known]
        if new:
            self._meet(new)
        refusal = self.access.grant(rows)
        for name, node in nodes.items():
            self.known[name].no_access = refusal if node.secret_hash else ""

    def _meet(self, nodes: list[Node]) -> None:
        latest = read_latest(self.link, [node.name for node in nodes])
        self.cards.load(node.pk for node in nodes)
        for node in nodes:
            known = Known(node.pk, node.name)
            if node.name in latest:
                known.remember(latest[node.name])
            self.rows.load(node)
            self.known[node.name] = known
        self.closing.recall({node.pk for node in nodes}, now=self.clock())

    def _with_database(self, work: Callable[[], None]) -> None:
        """Do it, unless the database failed a moment ago; what is left undone is due."""
        now = time.monotonic()
        if now < self._no_database_until:
            return
        try:
            work()
        except DatabaseError as failure:
            log.warning("Hosts and history are not written: %s", failure)
            self._no_database_until = now + DATABASE_PAUSE
            if not connection.in_atomic_block:
                connection.close()
