"""Which card belongs to which host: no host may write the history of another's."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import msgspec

from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Card, NodeSample
from models_app.models import Gpu
from models_app.nodes.troubles import Trouble

MOST = 128
"""Cards that one host may have told of in all its time."""
MOVES = 300.0
"""Seconds after which a card that its host does not tell of may turn up elsewhere."""

Place = tuple[int, str]


class Cards:
    """The cards of all hosts that are heard."""

    def __init__(self) -> None:
        self.rows: dict[Place, int] = {}
        self._said: dict[Place, object] = {}
        self._owners: dict[str, tuple[int, float]] = {}

    def load(self, nodes: Iterable[int]) -> None:
        """Read what is known of the cards of these hosts."""
        for gpu in Gpu.objects.filter(node__in=list(nodes)):
            place = (gpu.node_id, gpu.uuid)
            self.rows[place] = gpu.pk
            said = (gpu.index, gpu.name, gpu.vendor, gpu.memory_total)
            self._said.setdefault(place, said)
            heard = gpu.seen_at.timestamp() if gpu.seen_at else 0.0
            if heard > self._owners.get(gpu.uuid, (0, 0.0))[1]:
                self._owners[gpu.uuid] = (gpu.node_id, heard)

    def forget(self, node: int) -> None:
        """Its cards may belong to others from now on."""
        self._owners = {k: v for k, v in self._owners.items() if v[0] != node}
        self.rows = {k: v for k, v in self.rows.items() if k[0] != node}
        self._said = {k: v for k, v in self._said.items() if k[0] != node}

    def owns(self, place: Place) -> bool:
        """Whether it was this host that told of the card last."""
        return self._owners.get(place[1], (place[0], 0.0))[0] == place[0]

    def sift(
        self, node: int, sample: NodeSample, *, now: float
    ) -> tuple[NodeSample, Trouble | None, str]:
        """The sample with the cards that its host may tell of, and what was wrong."""
        named = [card for card in sample.cards if not card.is_nameless]
        elsewhere = [card for card in named if self._is_elsewhere(node, card, now)]
        room = MOST - Counter(place[0] for place in self.rows)[node]
        new = [card for card in named if (node, card.uuid) not in self.rows]
        refused = {card.uuid for card in (*elsewhere, *new[max(0, room) :])}
        kept = tuple(card for card in sample.cards if card.uuid not in refused)
        mine = (card.uuid for card in kept if not card.is_nameless)
        self._owners.update(dict.fromkeys(mine, (node, now)))
        if not refused:
            return sample, None, ""
        what = Trouble.CARD_ELSEWHERE if elsewhere else Trouble.TOO_MANY_CARDS
        detail = elsewhere[0].uuid if elsewhere else str(MOST)
        return msgspec.structs.replace(sample, cards=kept), what, detail

    def _is_elsewhere(self, node: int, card: Card, now: float) -> bool:
        owner, heard = self._owners.get(card.uuid, (node, 0.0))
        return owner != node and now - heard < MOVES

    def keep(self, node: int, sample: NodeSample, *, seen: datetime) -> None:
        """Write the rows of cards that are new, or say something else than before."""
        for card in sample.cards:
            if card.is_nameless:
                continue
            place, said = (node, card.uuid), _said(card)
            if place in self.rows and self._said.get(place) == said:
                continue
            index, name, vendor, memory = said
            gpu, _new = Gpu.objects.update_or_create(
                node_id=node,
                uuid=card.uuid,
                defaults={
                    "index": index,
                    "name": name,
                    "vendor": vendor,
                    "memory_total": memory,
                    "seen_at": seen,
                },
            )
            self.rows[place], self._said[place] = gpu.pk, said


def _said(card: Card) -> tuple[int, str, str, int | None]:
    memory = card.values.get(Metric.MEMORY_TOTAL)
    total = None if memory is None else int(memory)
    return (card.index, card.name, card.vendor[:20], total)
