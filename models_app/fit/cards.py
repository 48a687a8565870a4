"""Cards that one can buy, by name and memory, for a machine that nobody measured."""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from models_app.fit.machine import Card, apple_card, nominal_card, shared_card

FILE = Path(__file__).with_name("cards.json")


class CardKind(StrEnum):
    """What the cards of one sort have in common."""

    GEFORCE = "geforce"
    PRO = "pro"
    DATACENTER = "datacenter"
    AMD = "amd"
    APPLE = "apple"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class KnownCard:
    """A card as its maker sells it; `memory` in bytes."""

    name: str
    maker: str
    kind: CardKind
    memory: int
    source: str

    def card(self, *, display: bool = False) -> Card:
        """It in a machine; `display` when a desktop runs on it."""
        if self.kind == CardKind.APPLE:
            return apple_card(self.name, self.memory)
        if self.kind == CardKind.SHARED:
            return shared_card(self.name, self.memory, maker=self.maker)
        return nominal_card(self.name, self.memory, maker=self.maker, display=display)


@cache
def known_cards() -> tuple[KnownCard, ...]:
    """All cards of the list, in its order."""
    return tuple(
        KnownCard(
            name=each["name"],
            maker=each["maker"],
            kind=CardKind(each["kind"]),
            memory=each["memory"],
            source=each["source"],
        )
        for each in json.loads(FILE.read_text())
    )
