"""Which model servers run on which host and card, as far as addresses and ports tell."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from models_app.alerts.findings import HostReading, ServerReading
from models_app.gpu.samples import Card, Process

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS = {"http": 80, "https": 443}


def place_of(base_url: str) -> tuple[str, int]:
    """The host and the port of a server's address."""
    url = urlsplit(base_url)
    return (url.hostname or "").casefold(), url.port or PORTS.get(url.scheme, 0)


def runs_on(server: ServerReading, name: str, *, here: bool) -> bool:
    """Whether a server's address is one of that host; an IP address names none."""
    if server.host in LOOPBACK:
        return here
    return server.host == name or _short(server.host) == _short(name)


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


def _short(name: str) -> str:
    """The first label of a name; all of an address of numbers."""
    return name if name.replace(".", "").isdigit() else name.split(".")[0]
