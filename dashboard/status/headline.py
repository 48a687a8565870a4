"""The few numbers on top of the status page, of the whole house."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from dashboard.status.amounts import (
    WRITTEN,
    energy,
    filled,
    money,
    number,
    per_second,
    watts,
)
from dashboard.status.cells import MISSING
from dashboard.status.hosts import HostPanel
from models_app.energy.queries import Energy
from models_app.figures.queries import NUMBERS, ServerFigures


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what stands small behind it; `lack` is why there is none."""

    name: str
    label: str
    text: str
    small: str = ""
    lack: str = ""
    about: str = ""


def headline(
    figures: Mapping[int, ServerFigures], hosts: Iterable[HostPanel], today: Energy
) -> list[Figure]:
    told, panels = list(figures.values()), list(hosts)
    return [
        _speed(told),
        _in_flight(told),
        _first_token(told),
        _memory(panels),
        _power(panels),
        _today(today),
    ]


def figures_told(figures: Mapping[int, ServerFigures]) -> dict[str, dict[str, Any]]:
    """The numbers of which a page makes the same sums; without any name."""
    return {
        str(pk): {name: getattr(each, name) for name in NUMBERS}
        for pk, each in figures.items()
    }


def _sum(numbers: Iterable[float | None]) -> float | None:
    known = [each for each in numbers if each is not None]
    return sum(known) if known else None


def _missing(name: str, label: str, lack: str) -> Figure:
    return Figure(name, label, MISSING, lack=lack)


def _speed(told: list[ServerFigures]) -> Figure:
    speed, label = _sum(each.tokens_per_second for each in told), _("Generating now")
    return Figure("speed", label, per_second(speed or 0), _("tok/s"))


def _in_flight(told: list[ServerFigures]) -> Figure:
    running = _sum(each.running for each in told) or 0
    waiting = _sum(each.waiting for each in told) or 0
    small = _("+ %(count)s waiting") % {"count": number(waiting)}
    return Figure("flight", _("In flight"), number(running), small)


def _first_token(told: list[ServerFigures]) -> Figure:
    known = [p for each in told if (p := each.first_token_p95) is not None]
    label = _("First token, p95")
    if not known:
        return _missing("first", label, _("Nobody was answered in the last minutes."))
    text, unit = WRITTEN["first_token_p95"](max(known)).split()
    about = _("19 of 20 replies began within this time, at the slowest server.")
    return Figure("first", label, text, unit, about=about)


def _memory(hosts: list[HostPanel]) -> Figure:
    cards = [card for host in hosts if host.is_here for card in host.cards]
    pairs = [
        (card.cells["memory_used"].value, card.cells["memory_total"].value)
        for card in cards
        if not card.lost
    ]
    known = [(used, total) for used, total in pairs if used is not None and total]
    if not known:
        lack = _("No card tells how much memory it has.")
        return _missing("memory", _("VRAM"), lack)
    used, total = (sum(each) for each in zip(*known, strict=True))
    return Figure("memory", _("VRAM"), *filled(used, total))


def _power(hosts: list[HostPanel]) -> Figure:
    cards = [card for host in hosts if host.is_here for card in host.cards]
    power = _sum(card.cells["power"].value for card in cards if not card.lost)
    if power is None:
        return _missing("power", _("Power"), _("No card tells its power."))
    return Figure("power", _("Power"), *watts(power))


def _today(today: Energy) -> Figure:
    label = _("Today")
    if today.joules is None:
        return _missing("today", label, _("No card has told how much it takes."))
    told = energy(today.joules)
    if today.cost is None:
        return Figure("today", label, *told.rsplit(maxsplit=1))
    return Figure("today", label, money(today.cost, today.currency), told)
