"""All that the status page shows one person, read once."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.at_door import all_present
from chat.being_served import NOBODY, Open, being_served, by_model, by_server
from dashboard.errors import NotFound
from dashboard.people.models import User
from dashboard.status.amounts import age
from dashboard.status.door import DoorPanel, door_panel
from dashboard.status.headline import Headline, headline
from dashboard.status.hosts import HostPanel, Troubled, host_panel, troubled_of
from dashboard.status.mark import mark_of
from dashboard.status.servers import ServerRow, loaded_for, server_rows
from models_app.alerts.queries import AlertNow, open_alerts_for
from models_app.energy.queries import energy_in, today_and_month
from models_app.figures.queries import figures_now
from models_app.inventory import servers_for
from models_app.models import Gpu, LanguageModel
from models_app.nodes.queries import NodeNow, nodes_now, recent_line
from models_app.nodes.serving import servers_now
from models_app.nodes.tenants import Kind, Tenant, tenants_of, visible_to
from models_app.rights import sees_all
from models_app.snapshot import name_key

FEW, SOME = 10, 40
"""Rows that a wall shows large, and at all."""


@dataclass(frozen=True, slots=True)
class Board:
    """The whole page."""

    headline: Headline
    troubled: Troubled
    alerts: list[AlertNow]
    hosts: list[HostPanel]
    servers: list[ServerRow]
    door: DoorPanel
    mark: str
    few: int = FEW
    some: int = SOME

    @property
    def crowd(self) -> str:
        """How much there is to show on a wall at once."""
        rows = sum(1 + len(host.cards) for host in self.hosts) + len(self.servers)
        return "few" if rows <= self.few else "some" if rows <= self.some else "many"


def board_for(person: User, now: float | None = None) -> Board:
    """Everything, in a number of queries that no host and no card adds to."""
    moment = time.time() if now is None else now
    figures, nodes = figures_now(moment), shown_nodes(moment)
    loaded, served = loaded_for(person), being_served(person)
    alerts, (today, _month) = open_alerts_for(person), today_and_month(moment)
    rows = server_rows(
        person, figures=figures, serving=by_server(served), loaded=loaded
    )
    room = door_panel(served, may_stop=sees_all(person))
    return Board(
        headline=headline(figures, nodes, energy_in(today), queued=room.waiting),
        troubled=troubled_of(nodes),
        alerts=alerts,
        hosts=_panels(person, nodes, moment, loaded=loaded, served=served),
        servers=rows,
        door=room,
        mark=mark_of(
            nodes=nodes,
            servers=[each.server for each in rows],
            loaded=loaded,
            served=served,
            alerts=alerts,
        ),
    )


def headline_of_board(now: float | None = None) -> Headline:
    """What stands on top alone."""
    moment = time.time() if now is None else now
    today, _month = today_and_month(moment)
    queued = sum(each.waits for each in all_present())
    return headline(
        figures_now(moment), shown_nodes(moment), energy_in(today), queued=queued
    )


def troubled_of_board(now: float | None = None) -> Troubled:
    """How many hosts are in trouble, alone."""
    return troubled_of(shown_nodes(time.time() if now is None else now))


def mark_of_board(person: User, now: float | None = None) -> str:
    """The mark of the page that the person would get now."""
    return mark_of(
        nodes=shown_nodes(time.time() if now is None else now),
        servers=servers_for(person),
        loaded=loaded_for(person),
        served=being_served(person),
        alerts=open_alerts_for(person),
    )


def servers_of_board(person: User, now: float | None = None) -> list[ServerRow]:
    """The servers alone."""
    moment = time.time() if now is None else now
    return server_rows(
        person,
        figures=figures_now(moment),
        serving=by_server(being_served(person)),
        loaded=loaded_for(person),
    )


def door_of_board(person: User) -> DoorPanel:
    """Who is served and who waits, alone."""
    return door_panel(being_served(person), may_stop=sees_all(person))


def host_of_board(person: User, pk: int, now: float | None = None) -> HostPanel:
    """One host alone; `NotFound` for one that is not shown."""
    moment = time.time() if now is None else now
    nodes = [each for each in shown_nodes(moment) if each.pk == pk]
    if not nodes:
        raise NotFound
    loaded, served = loaded_for(person), being_served(person)
    return _panels(person, nodes, moment, loaded=loaded, served=served)[0]


def shown_nodes(now: float) -> list[NodeNow]:
    """Every host but those that were removed."""
    return [each for each in nodes_now(now) if not each.retired]


def _panels(
    person: User,
    nodes: Sequence[NodeNow],
    now: float,
    *,
    loaded: Sequence[LanguageModel],
    served: Sequence[Open],
) -> list[HostPanel]:
    gpus = _gpus([each.pk for each in nodes])
    uuids = [c.uuid for each in nodes if each.sample for c in each.sample.cards]
    lines, servers = recent_line(uuids, now=now), servers_now()
    note = _note(loaded, served, now)
    # A card's UUID is of one host alone, so that all of them fit into one map.
    split: dict[str, tuple[Tenant, ...]] = {}
    for each in nodes:
        if each.sample:
            split.update(tenants_of(each.sample, servers))
    seen = visible_to(person, split)
    return [
        host_panel(each, gpus=gpus.get(each.pk, {}), split=seen, note=note, lines=lines)
        for each in nodes
    ]


def _gpus(nodes: Sequence[int]) -> dict[int, dict[str, Gpu]]:
    found: dict[int, dict[str, Gpu]] = {}
    for gpu in Gpu.objects.filter(node__in=nodes):
        found.setdefault(gpu.node_id, {})[gpu.uuid] = gpu
    return found


def _note(
    loaded: Iterable[LanguageModel], served: Iterable[Open], now: float
) -> Callable[[Tenant], str]:
    """What is said of a model in a card's memory: when it unloads, how many it serves."""
    unloads = {
        (each.backend_id, name_key(each.name)): each.unloads_at.timestamp() - now
        for each in loaded
        if each.unloads_at
    }
    serving = by_model(served)

    def note(tenant: Tenant) -> str:
        if tenant.kind != Kind.MODEL or tenant.backend is None:
            return ""
        key = name_key(tenant.model)
        left = unloads.get((tenant.backend, key), 0)
        count = serving.get((tenant.server, key), NOBODY).count
        words = ngettext("serves %(count)s reply", "serves %(count)s replies", count)
        return " · ".join(
            [
                *([words % {"count": count}] if count else []),
                *([_("unloads in %(time)s") % {"time": age(left)}] if left > 0 else []),
            ]
        )

    return note
