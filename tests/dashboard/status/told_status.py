"""Hosts that have just said how they are, as the intake leaves them."""

import time
from typing import Any

from dashboard.live.bus import link
from models_app.gpu.samples import NodeSample
from models_app.models import Node
from models_app.nodes.latest import Latest, keep_latest
from tests.make import make_card, make_gpu, make_node, make_sample


def told(sample: NodeSample, *, ago: float = 0.0, offset: float = 0.0) -> None:
    with link().pipeline(transaction=False) as together:
        keep_latest(together, Latest(time.time() - ago, offset, sample))
        together.execute()


def hear(name: str = "gpu-01", *, ago: float = 0.0, **fields: Any) -> Node:
    """A host whose sample came so long ago, with a row for each of its cards."""
    node = make_node(name)
    sample = make_sample(name, time.time(), **fields)
    for card in sample.cards:
        make_gpu(node, card.uuid, index=card.index, name=card.name)
    told(sample, ago=ago)
    return node


def hear_many(hosts: int, *, cards: int) -> None:
    for number in range(hosts):
        many = [
            make_card(f"GPU-{number}-of-{each}", index=each) for each in range(cards)
        ]
        hear(f"many-{number:02}", cards=tuple(many))
