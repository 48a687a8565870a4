"""What pages are told of a sample, and what has to change before they fetch anew."""

from typing import Any

from dashboard.live.events import GpuSampled
from models_app.gpu.samples import Card, NodeSample
from models_app.nodes.intake.known import Known, Taken


def gpu_sampled(node: int, taken: Taken) -> GpuSampled:
    host = taken.sample.host
    return GpuSampled(
        node=node,
        at=taken.at,
        host={str(metric): value for metric, value in host.values.items()},
        cards=tuple(_card(card) for card in taken.sample.cards),
    )


def _card(card: Card) -> dict[str, Any]:
    """Every number by its name."""
    return {
        "uuid": card.uuid,
        **{str(metric): value for metric, value in card.values.items()},
        "reasons": {str(metric): str(why) for metric, why in card.reasons.items()},
        "parts": {each.uuid: each.memory_used for each in card.parts},
        "lost": card.lost,
    }


def seldom_changes(known: Known, now: float) -> object:
    """All of a host that its numbers do not say; another one: its part is fetched anew."""
    taken = known.newest
    if taken is None:
        return known.trouble(now).partition(";")[0]
    sample = taken.sample
    return (
        known.trouble(now).partition(";")[0],
        round(taken.offset) if abs(taken.offset) >= 2 else 0,
        _host(sample),
        tuple(_kind(card) for card in sample.cards),
    )


def _host(sample: NodeSample) -> object:
    host = sample.host
    told = (sample.driver, sample.driver_version, sample.cuda_version, sample.agent)
    return (*told, host.system, host.models_folder, frozenset(host.reasons.items()))


def _kind(card: Card) -> object:
    processes = {
        (each.pid, each.name, each.program, each.model, each.ports, each.part)
        for each in card.processes or ()
    }
    static = (card.uuid, card.index, card.name, card.vendor, card.lost, card.shared)
    parts = tuple((part.uuid, part.name) for part in card.parts)
    unlisted = (card.processes is None, card.processes_reason)
    return (*static, parts, card.xids, *unlisted, frozenset(processes))
