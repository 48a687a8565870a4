"""Everything the rules look at, read from Redis and the database at one moment."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from django.db.models import F
from msgspec import structs

from dashboard.live.bus import link
from models_app.alerts.findings import HostReading, Readings, ServerReading
from models_app.gpu.samples import Card, NodeSample
from models_app.models import (
    DEFAULTS,
    AlertKind,
    AlertRule,
    Backend,
    Gpu,
    Limits,
    Node,
)
from models_app.nodes.latest import Latest, read_latest
from models_app.nodes.serving import ServerNow, servers_now


def readings_at(now: float) -> Readings:
    """What is known now; an error of Redis when it is away, for then nothing is."""
    nodes = list(Node.objects.filter(retired_at=None))
    servers = servers_now()
    latest = read_latest(link(), [each.name for each in nodes])
    had = _cards_had()
    hosts = (
        replace(_host(node, latest.get(node.name), servers, now=now), had=had[node.pk])
        for node in nodes
        if node.name in latest or node.seen_at is not None
    )
    backends = Backend.objects.filter(enabled=True)
    return Readings(now=now, hosts=tuple(hosts), servers=tuple(map(_server, backends)))


def limits_now() -> dict[AlertKind, Limits]:
    """Those of the kinds that are enabled; a kind without a row has those of a new house."""
    rows = {each.kind: each for each in AlertRule.objects.all()}
    return {
        kind: _limits(rows[kind]) if kind in rows else default
        for kind, default in DEFAULTS.items()
        if kind not in rows or rows[kind].enabled
    }


def _limits(row: AlertRule) -> Limits:
    return Limits(row.threshold, row.second_threshold, seconds=row.seconds)


def _host(
    node: Node, latest: Latest | None, servers: Sequence[ServerNow], *, now: float
) -> HostReading:
    return HostReading(
        pk=node.pk,
        name=node.name,
        # A clock that was put back makes no sample come from the future.
        age=max(0.0, now - latest.received_at) if latest else None,
        sample=_plausible(latest) if latest else None,
        servers=tuple(each for each in servers if node.name in each.nodes),
    )


def _cards_had() -> Counter[int]:
    """How many cards each host has told of; one that went to another host is that one's."""
    rows = Gpu.objects.order_by("uuid", F("seen_at").asc(nulls_first=True))
    last = dict(rows.values_list("uuid", "node"))
    return Counter(last.values())


def _plausible(latest: Latest) -> NodeSample:
    """The sample as far as a host may be believed: no error came later than the word of
    it."""
    sample = latest.sample
    return structs.replace(
        sample,
        cards=tuple(_by_our_clock(each, latest) for each in sample.cards),
    )


def _by_our_clock(card: Card, latest: Latest) -> Card:
    xids = (
        structs.replace(each, at=min(each.at + latest.offset, latest.received_at))
        for each in card.xids
    )
    return structs.replace(card, xids=tuple(xids))


def _server(backend: Backend) -> ServerReading:
    return ServerReading(
        pk=backend.pk,
        name=backend.name,
        kind=backend.kind,
        failure=backend.failure_code,
    )
