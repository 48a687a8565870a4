"""Which model servers hold the memory of a card, as far as its processes tell."""

from collections.abc import Iterable

from models_app.alerts.findings import HostReading, ServerReading
from models_app.gpu.samples import Card, Process


def servers_of_card(card: Card, host: HostReading) -> tuple[int, ...]:
    """The servers that hold memory of a card; all of its host's, where that is not seen."""
    everywhere = tuple(each.pk for each in host.servers)
    if card.lost or card.processes is None:
        return everywhere
    ports = {port for each in card.processes for port in each.ports}
    found = tuple(each.pk for each in host.servers if each.port in ports)
    return found if found or not any(map(is_hidden, card.processes)) else everywhere


def is_hidden(process: Process) -> bool:
    """Whether the host's agent cannot see what it is."""
    return not process.name and not process.program


def only_vllm(card: Card, servers: Iterable[ServerReading]) -> bool:
    """Whether vLLM alone holds the memory of a card, or may: it takes all that it may have
    when it starts, so that a full card is as it should be."""
    if card.processes is None or any(map(is_hidden, card.processes)):
        return any(each.kind == "vllm" for each in servers)
    holding = [
        each for each in card.processes if not each.graphics and each.memory != 0
    ]
    return bool(holding) and all(each.program == "vllm" for each in holding)
