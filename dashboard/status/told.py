"""The status as JSON, for scripts of those who are signed in."""

import time
from typing import Any

from dashboard.people.models import User
from dashboard.status.board import shown_nodes
from models_app.figures.queries import figures_now, numbers_told
from models_app.gpu.metrics import HostMetric, Metric
from models_app.gpu.samples import Card
from models_app.inventory import Wish, inventory_for, servers_for
from models_app.nodes.queries import NodeNow


def status_told(person: User, now: float | None = None) -> dict[str, Any]:
    """Hosts with their cards, and the servers that the person may use with their models."""
    moment = time.time() if now is None else now
    return {
        "at": round(moment, 3),
        "nodes": [_node(each) for each in shown_nodes(moment)],
        "servers": _servers(person, moment),
    }


def _node(node: NodeNow) -> dict[str, Any]:
    sample = node.sample
    host = sample.host if sample else None
    return {
        "name": node.name,
        "state": str(node.state),
        "age_s": None if node.age is None else round(node.age, 3),
        "driver": (sample.driver_version or None) if sample else None,
        "driver_state": str(sample.driver) if sample else None,
        "host": {str(each): host.value(each) if host else None for each in HostMetric},
        "gpus": [_card(card) for card in sample.cards] if sample else [],
    }


def _card(card: Card) -> dict[str, Any]:
    return {
        "uuid": card.uuid,
        "index": card.index,
        "name": card.name,
        "lost": card.lost,
        **{str(each): card.value(each) for each in Metric},
        "reasons": {str(metric): str(why) for metric, why in card.reasons.items()},
    }


def _servers(person: User, now: float) -> list[dict[str, Any]]:
    figures, models = figures_now(now), inventory_for(person, Wish(loaded=True))
    return [
        {
            "name": server.name,
            "kind": server.kind,
            "version": server.version,
            "up": server.up,
            **numbers_told(figures.get(server.pk)),
            "models": [e.name for e in models if e.backend_id == server.pk],
        }
        for server in servers_for(person)
    ]
