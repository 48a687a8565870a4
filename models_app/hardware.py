"""The machine that somebody plans for: cards out of the list, or none, and main memory."""

from dataclasses import dataclass
from functools import cache

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from models_app.fit.cards import CardKind, KnownCard, known_cards
from models_app.fit.machine import Card, Machine
from models_app.fit.sizes import GIB, size
from models_app.fit.words import source_told

CPU = "cpu"
MOST_CARDS = 8
PLAIN_RAM = 16
"""GiB of main memory that a machine without cards has where nobody says how much."""
KINDS = {
    CardKind.GEFORCE: "GeForce",
    CardKind.PRO: "NVIDIA RTX",
    CardKind.DATACENTER: gettext_noop("Data centre"),
    CardKind.AMD: "AMD",
    CardKind.APPLE: "Apple",
    CardKind.SHARED: gettext_noop("Shared memory"),
}
ONE_COMPUTER = gettext_lazy(
    "One such computer is reckoned with: the memory of two does not become one pool."
)
BOUNDLESS = Machine(cards=(Card(name="", total=2**60),))
"""Holds everything: what a model needs can be told without knowing of what."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """So many cards of one sort (`CPU`: none), and main memory in GiB, if it is known.

    Without a card's name nobody knows what there is.
    """

    card: str = "geforce-rtx-4090"
    count: int = 1
    ram: int | None = None

    @property
    def is_known(self) -> bool:
        return bool(self.card)

    @property
    def machine(self) -> Machine:
        if not self.is_known:
            return BOUNDLESS
        known = cards_by_slug().get(self.card)
        if known is None:
            return Machine(ram=(self.ram or PLAIN_RAM) * GIB)
        ram = None if self.ram is None else self.ram * GIB
        return Machine(cards=(known.card(),) * self.cards, ram=ram)

    @property
    def share(self) -> str:
        """Which part of its memory counts and why, where the system lives there too."""
        return next(map(source_told, self.machine.cards), "")

    def __str__(self) -> str:
        if not self.is_known:
            return _("a machine of which nothing is known")
        known = cards_by_slug().get(self.card)
        if known is None:
            return _("the processor")
        return known.name if self.cards == 1 else f"{self.cards} × {known.name}"

    @property
    def told(self) -> str:
        """What there is as files are counted, and how much of it a model may use."""
        known, machine = cards_by_slug().get(self.card), self.machine
        if not self.is_known:
            return ""
        there = known.memory * self.cards if known else machine.ram or 0
        facts = {"memory": size(there), "usable": size(machine.budget)}
        return _("%(memory)s as files are counted, %(usable)s of it usable") % facts

    @property
    def cards(self) -> int:
        """How many there are in one machine: its shared memory is there once."""
        return 1 if is_computer(self.card) else self.count


@cache
def cards_by_slug() -> dict[str, KnownCard]:
    return {slugify(each.name): each for each in known_cards()}


def is_computer(card: str) -> bool:
    """Whether the graphics are part of a computer, with which they share its memory."""
    known = cards_by_slug().get(card)
    return known is not None and known.card().shared


def card_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The cards by their sort, for a form; the processor stands first."""
    groups: dict[str, list[tuple[str, str]]] = {
        _("Without a card"): [(CPU, _("Processor and main memory"))]
    }
    for slug, each in cards_by_slug().items():
        sold = f"{each.memory // GIB} GB"
        name = each.name if sold in each.name else f"{each.name}, {sold}"
        groups.setdefault(_(KINDS[each.kind]), []).append((slug, name))
    return list(groups.items())
