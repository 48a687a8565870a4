"""Hosts and cards as tests of the alerts have them, and where the intake keeps them."""

import time
from typing import Any

import msgspec

from dashboard.live.bus import link
from models_app.alerts.findings import HostReading, Readings
from models_app.gpu.keys import latest_key
from models_app.gpu.metrics import HostMetric, Metric
from models_app.gpu.samples import Card, Host, NodeSample, Process
from models_app.models import Node
from models_app.nodes.serving import ServerNow

GIB = 2**30
UUID = "GPU-1"
DISK = {HostMetric.DISK_FREE: 500e9, HostMetric.DISK_TOTAL: 1000e9}
WELL = {
    Metric.TEMPERATURE: 50.0,
    Metric.TEMPERATURE_LIMIT: 83.0,
    Metric.THROTTLE: 0.0,
    Metric.MEMORY_USED: 4.0 * GIB,
    Metric.MEMORY_TOTAL: 24.0 * GIB,
    Metric.ECC_UNCORRECTED: 0.0,
}


def card(values: dict[Metric, float] | None = None, **fields: Any) -> Card:
    """A card that is well, but for these values."""
    wanted = {"uuid": UUID, "name": "RTX 4090", "processes": (), **fields}
    return Card(values={**WELL, **(values or {})}, **wanted)


def vllm(memory: int = 22 * GIB, **fields: Any) -> Process:
    wanted = {"name": "VLLM::EngineCore", "program": "vllm", **fields}
    return Process(pid=1, memory=memory, **wanted)


def sample(*cards: Card, **fields: Any) -> NodeSample:
    wanted = {"interval": 1.0, "host": Host(values=DISK), **fields}
    return NodeSample(
        node="gpu-01", boot="b", seq=1, sent_at=0, mono=0, cards=cards, **wanted
    )


def host(*cards: Card, age: float = 0.5, **fields: Any) -> HostReading:
    taken = fields.pop("sample", None) or sample(*cards)
    return HostReading(pk=1, name="gpu-01", age=age, sample=taken, **fields)


def placed(**fields: Any) -> ServerNow:
    """A server of that host."""
    wanted = {"kind": "ollama", "port": 11434, "nodes": frozenset({"gpu-01"})}
    return ServerNow(**{"pk": 7, "name": "ours", **wanted, **fields})


def readings(*hosts: HostReading, now: float = 1000, **fields: Any) -> Readings:
    return Readings(now=now, hosts=hosts, **fields)


def make_node(name: str = "gpu-01", **fields: Any) -> Node:
    return Node.objects.create(name=name, **fields)


def keep_latest(
    node: Node, taken: NodeSample, *, at: float | None = None, offset: float = 0
) -> None:
    """As the intake writes it."""
    latest = {
        "received_at": time.time() if at is None else at,
        "offset": offset,
        "sample": taken,
    }
    link().set(latest_key(node.name), msgspec.json.encode(latest))
