"""A mark of what the status page shows: as long as it is the same, no part of it is another.

What every sample and every reading of numbers tells anew has no part in it.
"""

import hashlib
from collections.abc import Iterable

from chat.being_served import Open
from models_app.alerts.queries import AlertNow
from models_app.gpu.samples import Card
from models_app.models import Backend, LanguageModel
from models_app.nodes.queries import NodeNow


def mark_of(
    *,
    nodes: Iterable[NodeNow],
    servers: Iterable[Backend],
    loaded: Iterable[LanguageModel],
    served: Iterable[Open],
    alerts: Iterable[AlertNow],
) -> str:
    facts = (
        [_of_node(each) for each in nodes],
        [_of_server(each) for each in servers],
        [(e.pk, e.name, e.memory, e.unloads_at is None) for e in loaded],
        list(served),
        [(each.pk, each.sentence) for each in alerts],
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _of_server(server: Backend) -> tuple[object, ...]:
    health = (server.failure_code, server.is_tripped, server.draining)
    failed = server.replied_at if server.reply_code else None
    return (server.pk, server.name, server.version, server.up, failed, *health)


def _of_node(node: NodeNow) -> tuple[object, ...]:
    said = node.sample
    about = (said.boot, said.driver, *map(_of_card, said.cards)) if said else ()
    return (node.pk, node.name, node.state, node.trouble, *about)


def _of_card(card: Card) -> tuple[object, ...]:
    pids = sorted(each.pid for each in card.processes or ())
    parts = [each.uuid for each in card.parts]
    return (card.uuid, card.name, card.lost, pids, parts, len(card.xids))
