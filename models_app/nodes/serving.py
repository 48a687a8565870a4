"""Which host each model server runs on, and what it has in memory there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

import httpx

from models_app.models import Backend, LanguageModel, ModelShape, Node
from models_app.services.new_backends import is_this_machine

PORTS = {"http": 80, "https": 443}
DOCKER_HOST = "host.docker.internal"


@dataclass(frozen=True, slots=True)
class InMemory:
    """A model that a server has loaded: bytes in all and on cards, as far as it tells.

    `blob` is the digest of its weights' file, where that is known.
    """

    name: str
    memory: int | None = None
    card_memory: int | None = None
    blob: str = ""


@dataclass(frozen=True, slots=True)
class ServerNow:
    """An enabled server, the names of the hosts that it may run on, and its models.

    `tripped`: its circuit is open. The `starter` engine never works on a card.
    """

    pk: int
    name: str
    kind: str
    port: int
    nodes: frozenset[str]
    loaded: tuple[InMemory, ...] = ()
    up: bool = True
    tripped: bool = False
    draining: bool = False
    starter: bool = False

    @property
    def off_cards(self) -> bool:
        """Whether it is known to work on no card now."""
        told = [each.card_memory for each in self.loaded]
        return self.starter or (bool(told) and not any(each != 0 for each in told))


def servers_now() -> tuple[ServerNow, ...]:
    """All enabled servers as they were last looked at, whoever may use them."""
    backends = Backend.objects.filter(enabled=True).exclude(kind="")
    rows = list(backends.select_related("node").order_by("name"))
    nodes = list(Node.objects.filter(retired_at=None))
    loaded = _loaded([each.pk for each in rows])
    return tuple(_server(each, nodes, loaded.get(each.pk, ())) for each in rows)


def nodes_of(base_url: str, nodes: Iterable[Node]) -> frozenset[str]:
    """The hosts that an address may mean: this machine is where our own worker runs."""
    host = httpx.URL(base_url).host.casefold()
    if is_this_machine(host) or host == DOCKER_HOST:
        return frozenset(each.name for each in nodes if not each.secret_hash)
    return frozenset(each.name for each in nodes if _same_host(host, each.name))


def _server(
    row: Backend, nodes: Iterable[Node], loaded: Iterable[InMemory]
) -> ServerNow:
    """What an administrator chose as its host counts before its address."""
    url = httpx.URL(row.base_url)
    chosen = row.node.name if row.node else ""
    return ServerNow(
        pk=row.pk,
        name=row.name,
        kind=row.kind,
        port=url.port or PORTS.get(url.scheme, 0),
        nodes=frozenset({chosen}) if chosen else nodes_of(row.base_url, nodes),
        loaded=tuple(loaded),
        up=row.up,
        tripped=row.is_tripped,
        draining=row.draining,
        starter=row.starter,
    )


def _same_host(host: str, node: str) -> bool:
    """A name with its domain is the one without; an address is no name."""
    try:
        ip_address(host)
    except ValueError:
        short = host.partition(".")[0], node.partition(".")[0]
        both = "." in host and "." in node
        return host == node if both else short[0] == short[1]
    return host == node


def _loaded(backends: list[int]) -> dict[int, list[InMemory]]:
    rows = LanguageModel.objects.filter(backend__in=backends, listed=True, loaded=True)
    models = list(rows.order_by("name"))
    blobs = _blobs({each.mark for each in models if each.mark})
    found: dict[int, list[InMemory]] = {}
    for each in models:
        held = InMemory(
            each.name, each.memory, each.card_memory, blobs.get(each.mark, "")
        )
        found.setdefault(each.backend_id, []).append(held)
    return found


def _blobs(marks: set[str]) -> Mapping[str, str]:
    """The digest of each model's weights, by its mark."""
    kept = ModelShape.objects.filter(mark__in=marks)
    told = kept.values_list("mark", "told__blob")
    return {mark: blob for mark, blob in told if isinstance(blob, str)}
