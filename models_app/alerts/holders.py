"""Which model servers hold the memory of a card, as far as its processes tell."""

from collections.abc import Iterable

from models_app.alerts.findings import HostReading, ServerReading
from models_app.gpu.samples import Card, Process
from models_app.nodes.named_processes import holders_of


def servers_of_cards(host: HostReading) -> dict[str, tuple[int, ...]]:
    """By a card's UUID: the servers that the status page shows on it, and those that it
    shows nowhere, if some of the card is hidden; all of the host's, if it is lost. Those
    that are known to work on no card are never among these."""
    cards = host.fresh.cards if host.fresh else ()
    placed = {
        uuid: {each.server.pk for each in found if each.server}
        for uuid, found in holders_of(cards, host.servers).items()
    }
    everywhere = {each.pk for each in host.servers if not each.off_cards}
    nowhere = everywhere.difference(*placed.values())
    found = {}
    for card in cards:
        may = nowhere if hides_some(card) else set()
        here = everywhere if card.lost else placed[card.uuid] | may
        found[card.uuid] = tuple(each.pk for each in host.servers if each.pk in here)
    return found


def hides_some(card: Card) -> bool:
    """Whether there may be processes on it of which nobody knows what they are."""
    return card.processes is None or any(map(is_hidden, card.processes))


def is_hidden(process: Process) -> bool:
    """Whether the host's agent cannot see what it is."""
    return not process.name and not process.program


def only_vllm(card: Card, servers: Iterable[ServerReading]) -> bool:
    """Whether vLLM alone holds the memory of a card, or may: it takes all that it may have
    when it starts, so that a full card is as it should be."""
    if card.processes is None or hides_some(card):
        return any(each.kind == "vllm" for each in servers)
    holding = [
        each for each in card.processes if not each.graphics and each.memory != 0
    ]
    return bool(holding) and all(each.program == "vllm" for each in holding)
