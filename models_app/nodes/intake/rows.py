"""The rows of hosts, written when something changed, and each ten seconds who was heard."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from models_app.models import Gpu, Node
from models_app.nodes.intake.cards import Cards
from models_app.nodes.intake.known import Known

PAUSE = 10.0
"""Seconds between two notes of when hosts were heard."""
COLUMNS = ("boot", "driver", "state", "clock_off", "trouble")


class Rows:
    """What the database was told last of each host."""

    def __init__(self, cards: Cards) -> None:
        self.cards = cards
        self._saved: dict[int, dict[str, Any]] = {}
        self._heard_at: dict[int, float] = {}
        self._flushed = 0.0

    def load(self, node: Node) -> None:
        self._saved[node.pk] = {name: getattr(node, name) for name in COLUMNS}

    def keep(self, known: Iterable[Known], *, now: float) -> None:
        """Write what is new; of what changes all the time, each ten seconds."""
        due = abs(now - self._flushed) >= PAUSE
        heard: list[Known] = []
        for each in known:
            if each.newest is not None:
                seen = _time(each.newest.received)
                self.cards.keep(each.pk, each.newest.sample, seen=seen)
            self._keep_node(each, now=now, due=due)
            if due or each.pk not in self._heard_at:
                heard.append(each)
        self._keep_heard(heard)
        self._flushed = now if due else self._flushed

    def _keep_node(self, known: Known, *, now: float, due: bool) -> None:
        wanted, saved = _wanted(known, now), self._saved.get(known.pk, {})
        changed = {k: v for k, v in wanted.items() if saved.get(k) != v}
        if not changed or (not due and not _matters(changed, saved)):
            return
        Node.objects.filter(pk=known.pk, retired_at=None).update(**changed)
        self._saved[known.pk] = {**saved, **changed}

    def _keep_heard(self, heard: list[Known]) -> None:
        """When hosts, and the cards that they told of, were heard last."""
        nodes, gpus = [], []
        for each in heard:
            newest = each.newest
            if newest is None or self._heard_at.get(each.pk) == newest.received:
                continue
            seen = _time(newest.received)
            nodes.append(Node(pk=each.pk, seen_at=seen))
            places = ((each.pk, c.uuid) for c in newest.sample.cards if not c.lost)
            rows = (self.cards.rows.get(place) for place in places)
            gpus += [Gpu(pk=pk, seen_at=seen) for pk in rows if pk is not None]
            self._heard_at[each.pk] = newest.received
        if nodes:
            Node.objects.bulk_update(nodes, ["seen_at"], batch_size=100)
        if gpus:
            Gpu.objects.bulk_update(gpus, ["seen_at"], batch_size=100)


def _matters(changed: dict[str, Any], saved: dict[str, Any]) -> bool:
    """Whether more is new than the count in a trouble."""
    if set(changed) != {"trouble"}:
        return True
    before = str(saved.get("trouble", "")).partition(":")[0]
    return str(changed["trouble"]).partition(":")[0] != before


def _wanted(known: Known, now: float) -> dict[str, Any]:
    trouble = {"trouble": known.trouble(now)}
    if known.newest is None:
        return trouble
    sample, offset = known.newest.sample, known.newest.offset
    return {
        "boot": sample.boot,
        "driver": sample.driver_version,
        "state": str(sample.driver),
        "clock_off": float(round(offset)) if abs(offset) >= 2 else None,
        **trouble,
    }


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
