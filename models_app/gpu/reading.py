"""What one source of cards last told: the driver's state, and each card as it was."""

from dataclasses import dataclass, replace
from typing import Protocol

from msgspec import structs

from models_app.gpu.metrics import DriverState, Metric, Reason
from models_app.gpu.samples import Card

AT_EACH_LOOK = frozenset(
    (
        Metric.UTIL,
        Metric.CONTROLLER,
        Metric.MEMORY_USED,
        Metric.TEMPERATURE,
        Metric.POWER,
        Metric.THROTTLE,
    )
)
"""What is never shown of another moment than the sample's."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Cards in the order of their driver; `fresh` are those that this look has reached."""

    driver: DriverState = DriverState.NO_NVIDIA
    driver_version: str = ""
    cuda_version: str = ""
    cards: tuple[Card, ...] = ()
    fresh: frozenset[str] = frozenset()

    def without_the_late(self) -> "Reading":
        """What can be said while a look is still under way."""
        cards = tuple(
            card if card.uuid in self.fresh else late(card) for card in self.cards
        )
        return replace(self, cards=cards)


class CardSource(Protocol):
    """Cards of one maker. Only one thread looks; any may take the reading."""

    @property
    def reading(self) -> Reading: ...

    def look(self, now: float) -> None:
        """Read the cards anew, at a moment of the monotonic clock."""


def late(card: Card) -> Card:
    """The card while its driver has not answered."""
    if card.lost:
        return card
    missing = AT_EACH_LOOK & card.values.keys()
    kept = {metric: n for metric, n in card.values.items() if metric not in missing}
    reasons = {**card.reasons, **dict.fromkeys(missing, Reason.SLOW)}
    return structs.replace(card, values=kept, reasons=reasons)
