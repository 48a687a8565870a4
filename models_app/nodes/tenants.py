"""Who takes a card's memory: from a process to its model server and its model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Card, NodeSample
from models_app.inventory import closed_models, servers_for
from models_app.nodes.named_processes import Named, holders_of
from models_app.nodes.serving import ServerNow
from models_app.rights import sees_all
from models_app.snapshot import name_key

K = TypeVar("K")


class Kind(StrEnum):
    """What takes a part of a card's memory."""

    MODEL = "model"
    PROCESS = "process"
    OTHER = "other"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A part of a card's memory, in bytes, None where nobody tells; `pid` 0 is nobody's.

    `model` is empty where it is not known which of its server's it is; `names` has all
    the names under which the server offers it.
    """

    pid: int
    memory: int | None
    label: str
    backend: int | None = None
    model: str = ""
    kind: Kind = Kind.PROCESS
    server: str = ""
    names: tuple[str, ...] = ()


def tenants_of(
    sample: NodeSample, servers: Iterable[ServerNow]
) -> dict[str, tuple[Tenant, ...]]:
    """The split of each card's memory, by the card's UUID: models first, the largest first.

    The parts add up to what is used, the last but one being what is nobody's ("other":
    the driver's, or of processes that cannot be seen), and with the free part to the
    whole card. Where the use is not told, only the parts that are known stand there.
    """
    here = [each for each in servers if sample.node in each.nodes]
    holders = holders_of(sample.cards, here)
    return {card.uuid: _split(card, holders[card.uuid]) for card in sample.cards}


def visible_to(
    person: AbstractBaseUser, tenants: Mapping[K, Sequence[Tenant]]
) -> dict[K, tuple[Tenant, ...]]:
    """The same without the names of servers and models that the person may not use."""
    if sees_all(person):
        return {key: tuple(each) for key, each in tenants.items()}
    servers = {each.pk for each in servers_for(person)}
    closed = closed_models(person)
    return {
        key: tuple(_shown(each, servers, closed) for each in parts)
        for key, parts in tenants.items()
    }


def _shown(tenant: Tenant, servers: set[int], closed: frozenset[str]) -> Tenant:
    if tenant.kind == Kind.PROCESS:
        # Of a server that nobody has told Paddock of, nobody has said who may use it.
        return replace(tenant, model="", names=())
    if tenant.kind != Kind.MODEL:
        return tenant
    names = tuple(each for each in tenant.names if name_key(each) not in closed)
    if tenant.backend not in servers or (tenant.names and not names):
        return Tenant(0, tenant.memory, _("another model"), kind=Kind.MODEL)
    if not names:
        return tenant
    return replace(tenant, model=names[0], label=names[0], names=names)


def _split(card: Card, named: Sequence[Named]) -> tuple[Tenant, ...]:
    merged: dict[object, Named] = {}
    for each in named:
        same = (each.server.pk, each.names) if each.server else each.pid
        merged[same] = merged[same].with_more(each) if same in merged else each
    parts = [_tenant(each) for each in merged.values()]
    parts.sort(key=lambda each: (each.kind != Kind.MODEL, -(each.memory or 0)))
    used = card.value(Metric.MEMORY_USED)
    return tuple(parts) if used is None else _adding_up(card, parts, round(used))


def _adding_up(card: Card, parts: list[Tenant], used: int) -> tuple[Tenant, ...]:
    """What processes claim was read at another moment, and may be more than there is."""
    left, fitted = used, []
    for each in parts:
        memory = None if each.memory is None else min(each.memory, left)
        left -= memory or 0
        fitted.append(replace(each, memory=memory))
    if left:
        fitted.append(Tenant(0, left, _("other"), kind=Kind.OTHER))
    total = card.value(Metric.MEMORY_TOTAL)
    if total is not None and total > used:
        fitted.append(Tenant(0, round(total) - used, _("free"), kind=Kind.FREE))
    return tuple(fitted)


def _tenant(named: Named) -> Tenant:
    return Tenant(
        pid=named.pid,
        memory=named.memory,
        label=named.label,
        backend=named.server.pk if named.server else None,
        model=named.names[0] if named.names else "",
        kind=Kind.MODEL if named.server else Kind.PROCESS,
        server=named.server.name if named.server else "",
        names=named.names,
    )
