"""Whose the energy of a time is: by card, or by host where there are many cards."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.bills import Bill
from dashboard.status.amounts import energy, percent
from dashboard.status.cells import MISSING
from models_app.models import Gpu

MANY = 16
"""Cards from which on hosts are shown instead."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one of them took today and this month, and how much of the month's it is."""

    host: str
    card: str
    today: str
    month: str
    part: str


def shares(today: Bill, month: Bill) -> list[Share]:
    """Those that took anything, in the order of the page, and what is added beside cards;
    none where there is but one card, and nothing to divide."""
    gpus = Gpu.objects.filter(pk__in=month.per_gpu).select_related("node")
    cards = list(gpus.order_by("node__name", "index", "pk"))
    if len(cards) < 2:
        return []
    named = _host if len(cards) > MANY else _card
    found = {
        name: (_sum(today, of_it), _sum(month, of_it))
        for name, of_it in _grouped(cards, named).items()
    }
    found[(_("Hosts and building"), "")] = (_rest(today), _rest(month))
    return [
        _share(name, joules, month.joules or 0)
        for name, joules in found.items()
        if joules[1]
    ]


def _host(gpu: Gpu) -> tuple[str, str]:
    return str(gpu.node), ""


def _card(gpu: Gpu) -> tuple[str, str]:
    return str(gpu.node), f"{gpu.index} · {gpu.name}".removesuffix(" · ")


def _grouped(
    cards: Iterable[Gpu], named: Callable[[Gpu], tuple[str, str]]
) -> dict[tuple[str, str], list[int]]:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for each in cards:
        groups[named(each)].append(each.pk)
    return groups


def _sum(bill: Bill, cards: Iterable[int]) -> float | None:
    """None where none of them told."""
    told = [bill.per_gpu[each] for each in cards if each in bill.per_gpu]
    return sum(told) if told else None


def _rest(bill: Bill) -> float | None:
    """What the settings add to the cards' own."""
    if bill.joules is None:
        return None
    return bill.joules - sum(bill.per_gpu.values())


def _share(
    name: tuple[str, str], joules: tuple[float | None, float | None], whole: float
) -> Share:
    today, month = joules
    return Share(
        *name,
        today=MISSING if today is None else energy(today),
        month=energy(month or 0),
        part=percent((month or 0) / whole * 100) if whole else MISSING,
    )
