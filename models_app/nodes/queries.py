"""The GPU hosts as they are now, and the last minutes of their cards."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.live.glance import glance
from models_app.gpu.samples import SLOWEST, NodeSample
from models_app.models import Node
from models_app.nodes.latest import Latest, read_latest
from models_app.nodes.ring import MIB, Reading, held, read_rings
from models_app.nodes.states import NodeState, late_after, state_of
from models_app.nodes.troubles import trouble_text

__all__ = ["Line", "NodeNow", "NodeState", "nodes_now", "recent_line"]

SKEW = 2.0
"""Seconds that a host's clock may be off without a word."""


@dataclass(frozen=True, slots=True)
class NodeNow:
    """A host; `age` in seconds of what was last heard of it, `clock_off` in seconds that
    its clock lacks to ours, None where it is right; `trouble` is a sentence or ""."""

    pk: int
    name: str
    state: NodeState
    age: float | None
    clock_off: float | None
    trouble: str
    sample: NodeSample | None
    retired: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What a card did, a number a step from `t0` on: % of the time busy, bytes, W, °C.
    None where nothing is known."""

    t0: int
    step: int
    util: list[float | None]
    memory: list[float | None]
    power: list[float | None]
    temperature: list[float | None]


def nodes_now(now: float) -> list[NodeNow]:
    """All hosts by name, those that were removed too; without Redis, as the rows know
    them."""
    nodes = list(Node.objects.all())
    names = [node.name for node in nodes]
    known = glance(lambda link: read_latest(link, names)) or {}
    return [_node_now(node, known.get(node.name), now) for node in nodes]


def _node_now(node: Node, latest: Latest | None, now: float) -> NodeNow:
    seen = node.seen_at.timestamp() if node.seen_at else None
    offset = node.clock_off
    state_by: dict[str, float] = {}
    sample = None
    if latest is not None and node.retired_at is None:
        seen, sample = latest.received_at, latest.sample
        offset, state_by = latest.offset, {"interval": sample.interval}
    age = None if seen is None else max(0.0, now - seen)
    off = offset if offset is not None and abs(offset) >= SKEW else None
    return NodeNow(
        pk=node.pk,
        name=node.name,
        state=state_of(age, **state_by),
        age=age,
        clock_off=off,
        trouble=trouble_text(node.trouble),
        sample=sample,
        retired=node.retired_at is not None,
    )


def recent_line(
    uuids: Sequence[str], *, now: float, seconds: int = 300
) -> dict[str, Line]:
    """The last `seconds` of each card; nothing but gaps while Redis is away."""
    t0 = int(now) - seconds + 1
    since, until = t0 - late_after(SLOWEST), now + 1
    rings = glance(lambda link: read_rings(link, uuids, since=since, until=until)) or {}
    return {uuid: _line(rings.get(uuid, []), t0, seconds) for uuid in uuids}


def _line(readings: list[Reading], t0: int, seconds: int) -> Line:
    at = held(readings, t0=t0, count=seconds)
    return Line(
        t0=t0,
        step=1,
        util=[_tenths(each and each.util) for each in at],
        memory=[_bytes(each and each.memory) for each in at],
        power=[_tenths(each and each.power) for each in at],
        temperature=[_tenths(each and each.temperature) for each in at],
    )


def _tenths(number: int | None) -> float | None:
    return None if number is None else number / 10


def _bytes(mebibytes: int | None) -> float | None:
    return None if mebibytes is None else float(mebibytes * MIB)
