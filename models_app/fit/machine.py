"""The memory there is: cards with what is free on them, and the machine's own."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop

from models_app.fit.sizes import GIB

RESERVE: Final = GIB // 2
"""Left alone on a card, so that nothing else fails beside the model."""

DRIVER: Final = GIB // 2
"""What the driver keeps of a card's nominal memory."""

DISPLAY: Final = GIB
"""What a desktop on the card takes besides."""

SMALL_UNIFIED: Final = 36 * GIB

METAL: Final = gettext_noop(
    "Of an Apple computer's memory, what Metal recommends counts: two thirds up to 36 "
    "GiB, three quarters above. iogpu.wired_limit_mb changes it."
)
SHARED: Final = gettext_noop(
    "The memory is shared with the system, so an eighth of it is left alone."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One graphics card, or the part of shared memory that one may use.

    `free` is what a node measured, `evictable` what models of the same server hold and
    would give up; without them the whole card is counted. `source` says in words where
    the usable share of shared memory comes from.
    """

    name: str
    total: int
    free: int | None = None
    evictable: int = 0
    reserve: int = RESERVE
    maker: str = "NVIDIA"
    shared: bool = False
    source: str = ""

    @property
    def budget(self) -> int:
        """What a model may take here."""
        free = self.total if self.free is None else self.free + self.evictable
        return max(0, min(free, self.total) - self.reserve)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Cards, and the main memory that is free for what they do not hold.

    `ram` None is unknown. Without a card everything runs on the processor.
    """

    cards: tuple[Card, ...] = ()
    ram: int | None = None

    @property
    def budget(self) -> int:
        if self.cards:
            return sum(each.budget for each in self.cards)
        return max(0, (self.ram or 0) - RESERVE)


def nominal_card(
    name: str, total: int, *, maker: str = "NVIDIA", display: bool = False
) -> Card:
    """A card of which only the size is known: the driver keeps some, a desktop more."""
    reserve = RESERVE + (DISPLAY if display else 0)
    return Card(name=name, total=total - DRIVER, reserve=reserve, maker=maker)


def apple_card(
    name: str, memory: int, *, limit: int | None = None, available: int | None = None
) -> Card:
    """The part of an Apple machine's memory that its graphics may use.

    `limit` is what `iogpu.wired_limit_mb` sets, `available` what is not taken.
    """
    share = memory * 2 // 3 if memory <= SMALL_UNIFIED else memory * 3 // 4
    return Card(
        name=name,
        total=limit or share,
        free=available,
        maker="Apple",
        shared=True,
        source=METAL,
    )


def shared_card(
    name: str, memory: int, *, available: int | None = None, maker: str = "NVIDIA"
) -> Card:
    """A processor and graphics on one memory, such as GB10.

    The system lives in the same memory, so an eighth of it is left alone where nobody
    measured what is free.
    """
    reserve = RESERVE if available is not None else max(memory // 8, RESERVE)
    return Card(
        name=name,
        total=memory,
        free=available,
        reserve=reserve,
        maker=maker,
        shared=True,
        source="" if available is not None else SHARED,
    )
