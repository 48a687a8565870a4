"""Which host and cards stand behind a model, and how busy it is there."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from django.utils.translation import gettext as _

from chat.being_served import (
    NOBODY,
    Serving,
    being_served,
    by_model,
    waiting_by_model,
)
from dashboard.people.models import User
from models_app.figures.queries import ServerFigures, figures_now
from models_app.gpu.samples import Card, NodeSample
from models_app.nodes.serving import InMemory, ServerNow, servers_now
from models_app.nodes.tenants import Tenant, tenants_of
from models_app.queries import Target
from models_app.snapshot import name_key


class HostNow(Protocol):
    """As much as is needed of a host: its name, and what it said last."""

    @property
    def name(self) -> str: ...

    @property
    def sample(self) -> NodeSample | None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model is: `node` is empty where no host is known, `cards` where none is.

    `memory` is in bytes, None where nobody tells; `served` counts those whom this model
    serves there, `waiting` those who wait for it anywhere, `running` all that its server
    writes. `hindrance` is why its server would not answer now, "" where it would.
    """

    server: str
    node: str = ""
    cards: tuple[str, ...] = ()
    memory: int | None = None
    loaded: bool = False
    served: int = 0
    waiting: int = 0
    running: int | None = None
    hindrance: str = ""

    @property
    def hardware(self) -> list[str]:
        """Its cards, those of a kind counted: "8 × NVIDIA H200"."""
        return [
            name if count == 1 else f"{count} × {name}"
            for name, count in Counter(self.cards).items()
        ]

    @property
    def busy(self) -> bool:
        return bool(self.served or self.waiting or self.running)


def place_of_model(
    person: User, target: Target, *, hosts: Iterable[HostNow], now: float | None = None
) -> Place | None:
    """Where the model that answers is; None where no server has it.

    `target` is one of the person's (`target_for`), so that all its servers are for them.
    """
    served = being_served(person)
    place = place_among(
        target,
        servers=servers_now(),
        hosts=hosts,
        figures=figures_now(now),
        serving=by_model(served),
    )
    waiting = waiting_by_model(served).get(name_key(target.model), 0)
    return replace(place, waiting=waiting) if place else None


def place_among(
    target: Target,
    *,
    servers: Sequence[ServerNow],
    hosts: Iterable[HostNow],
    figures: Mapping[int, ServerFigures],
    serving: Mapping[tuple[str, str], Serving],
) -> Place | None:
    """Of several servers that have it the one that serves it now, else the one that would
    answer, rather where it is loaded."""
    samples = {each.name: each.sample for each in hosts}
    places = [
        _place(target.model, server, servers, samples, figures, serving)
        for server in servers
        if server.name in target.servers
    ]
    return max(places, key=_rank, default=None)


def _rank(place: Place) -> tuple[int, bool, bool]:
    return place.served, not place.hindrance, place.loaded


def _place(
    model: str,
    server: ServerNow,
    servers: Sequence[ServerNow],
    samples: Mapping[str, NodeSample | None],
    figures: Mapping[int, ServerFigures],
    serving: Mapping[tuple[str, str], Serving],
) -> Place:
    held = _held(model, server)
    there = {
        name: sample
        for name in server.nodes
        if (sample := samples.get(name)) is not None
    }
    node, parts = _parts(model, server, servers, there, held=held)
    told = figures.get(server.pk)
    here = sum(e.count for (name, _model), e in serving.items() if name == server.name)
    known = [e.memory for _card, e in parts if e.model and e.memory is not None]
    # Of several parts on one card it is still one card.
    cards = {card.uuid: card.name or _("GPU") for card, _part in parts}
    return Place(
        server=server.name,
        node=node or (next(iter(server.nodes)) if len(server.nodes) == 1 else ""),
        cards=tuple(cards.values()),
        memory=sum(known) if known else _size(held),
        loaded=bool(held or known),
        served=serving.get((server.name, name_key(model)), NOBODY).count,
        running=told.running_with(here) if told else None,
        hindrance=_hindrance(server),
    )


def _hindrance(server: ServerNow) -> str:
    """Why new replies go elsewhere, the weightiest reason."""
    if not server.up:
        return _("does not answer")
    if server.draining:
        return _("takes nothing new")
    return _("its last reply failed") if server.tripped else ""


def _parts(
    model: str,
    server: ServerNow,
    servers: Sequence[ServerNow],
    samples: Mapping[str, NodeSample],
    *,
    held: InMemory | None,
) -> tuple[str, list[tuple[Card, Tenant]]]:
    """The host on whose cards it is, and each of these with the part it takes."""
    for node, sample in sorted(samples.items()):
        split = tenants_of(sample, servers)
        parts = [
            (card, each)
            for card in sample.cards
            for each in split[card.uuid]
            if each.backend == server.pk and _may_be(model, each, held=held)
        ]
        if parts:
            return node, parts
    return "", []


def _may_be(model: str, tenant: Tenant, *, held: InMemory | None) -> bool:
    """Whether a part is this model's; or may be, where nobody knows which one it is."""
    keys = {name_key(each) for each in tenant.names}
    return name_key(model) in keys or (not keys and held is not None)


def _held(model: str, server: ServerNow) -> InMemory | None:
    alike = (e for e in server.loaded if name_key(e.name) == name_key(model))
    return next(alike, None)


def _size(held: InMemory | None) -> int | None:
    return (held.card_memory or held.memory) if held else None
