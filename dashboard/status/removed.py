"""The hosts that were removed: nobody hears of them any more, but their history is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dashboard.people.models import User
from models_app.models import Gpu
from models_app.rights import sees_all


@dataclass(frozen=True, slots=True)
class RemovedHost:
    """A host with the cards that it had, which lead to their history."""

    name: str
    retired_at: datetime
    cards: list[Gpu]


def removed_hosts(person: User) -> list[RemovedHost]:
    """Those with a card, the last one first; for administrators, who removed them."""
    if not sees_all(person):
        return []
    gone = Gpu.objects.filter(node__retired_at__isnull=False).select_related("node")
    return _by_host(gone.order_by("-node__retired_at", "node__name", "index"))


def _by_host(cards: Iterable[Gpu]) -> list[RemovedHost]:
    found: dict[int, RemovedHost] = {}
    for card in cards:
        node = card.node
        if node.retired_at:
            host = RemovedHost(node.name, node.retired_at, [])
            found.setdefault(node.pk, host).cards.append(card)
    return list(found.values())
