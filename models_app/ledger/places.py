"""Which cards each model server works on, as far as anybody can honestly say."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import redis

from dashboard.live.bus import link
from models_app.gpu.samples import Card, NodeSample
from models_app.models import Backend, Gpu, Node
from models_app.nodes.latest import read_latest
from models_app.nodes.serving import ServerNow, servers_now
from models_app.nodes.tenants import tenants_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """The host of a server, None unless it is one alone, and its cards by number; without
    any, nobody knows what it works on."""

    node: int | None = None
    cards: frozenset[int] = frozenset()


def places_now() -> dict[int, Place]:
    """Where each enabled server runs, by its number; those whose host is known alone."""
    nodes = {each.name: each.pk for each in Node.objects.filter(retired_at=None)}
    gpus: dict[int, dict[str, int]] = defaultdict(dict)
    for pk, node, uuid in Gpu.objects.values_list("pk", "node", "uuid"):
        gpus[node][uuid] = pk
    samples = _samples(list(nodes))
    servers, on_processor = servers_now(), _on_processor()
    found = {}
    for server in servers:
        name = next(iter(server.nodes)) if len(server.nodes) == 1 else ""
        if name not in nodes:
            continue
        uuids = frozenset[str]()
        if server.pk not in on_processor:
            there = _there(servers, name, on_processor)
            uuids = cards_of(server, there, samples.get(name))
        known = gpus[nodes[name]]
        cards = frozenset(known[each] for each in uuids if each in known)
        found[server.pk] = Place(nodes[name], cards)
    return found


def cards_of(
    server: ServerNow, there: Sequence[ServerNow], sample: NodeSample | None
) -> frozenset[str]:
    """The cards of a server on a host that has these servers, by UUID.

    Those where processes of its own are seen; else all of the host, where it is the only
    one there, some processes are hidden from us, and it does not say that its models are
    off the cards. Else none: nobody knows.
    """
    if sample is None:
        return frozenset()
    tenants = tenants_of(sample, there)
    seen = {
        uuid
        for uuid, parts in tenants.items()
        if any(each.backend == server.pk for each in parts)
    }
    if seen:
        return frozenset(seen)
    alone = len(there) == 1 and any(map(_hides, sample.cards))
    if not alone or _says_elsewhere(server):
        return frozenset()
    return frozenset(each.uuid for each in sample.cards)


def _on_processor() -> set[int]:
    """The starter engine never works on a card."""
    return set(Backend.objects.filter(starter=True).values_list("pk", flat=True))


def _there(
    servers: Iterable[ServerNow], node: str, on_processor: set[int]
) -> list[ServerNow]:
    return [
        each for each in servers if node in each.nodes and each.pk not in on_processor
    ]


def _hides(card: Card) -> bool:
    """Whether processes may work on it that the host cannot tell apart."""
    return card.processes is None or any(
        not each.name and not each.program for each in card.processes
    )


def _says_elsewhere(server: ServerNow) -> bool:
    return bool(server.loaded) and all(each.card_memory == 0 for each in server.loaded)


def _samples(names: Sequence[str]) -> Mapping[str, NodeSample]:
    try:
        known = read_latest(link(), names)
    except (redis.RedisError, OSError) as failure:
        log.warning("Nobody says on which cards servers work: %s", failure)
        return {}
    return {name: latest.sample for name, latest in known.items()}
