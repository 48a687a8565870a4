"""The few numbers on top of the status page, of the whole house."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
from dashboard.status.hosts import HERE
from dashboard.status.words import headline_lacks
from models_app.energy.queries import Energy
from models_app.figures.queries import ServerFigures, as_told
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Card
from models_app.nodes.queries import NodeNow


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what stands small behind it; `lack` is why there is none."""

    name: str
    label: str
    text: str
    small: str = ""
    lack: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """What stands on top; of the numbers `told`, without any name, and of those who are
    `queued` at the door, a page makes its sums."""

    figures: list[Figure]
    told: dict[str, dict[str, object]]
    queued: int = 0


def headline(
    servers: Mapping[int, ServerFigures],
    nodes: Iterable[NodeNow],
    today: Energy,
    *,
    queued: int = 0,
) -> Headline:
    numbers, cards = list(servers.values()), _cards(nodes)
    return Headline(
        figures=[
            _speed(numbers),
            _in_flight(numbers, queued),
            _first_token(numbers),
            _memory(cards),
            _power(cards),
            _today(today),
        ],
        told={str(pk): as_told(pk, each) for pk, each in servers.items()},
        queued=queued,
    )


def _cards(nodes: Iterable[NodeNow]) -> list[Card]:
    """Those of which is known what they do now."""
    samples = [e.sample for e in nodes if e.sample and e.state in HERE]
    return [card for sample in samples for card in sample.cards if not card.lost]


def _sum(numbers: Iterable[float | None]) -> float | None:
    known = [each for each in numbers if each is not None]
    return sum(known) if known else None


def _missing(name: str, label: str) -> Figure:
    return Figure(name, label, MISSING, lack=headline_lacks()[name])


def _speed(told: list[ServerFigures]) -> Figure:
    speed, label = _sum(each.generating for each in told), _("Generating now")
    if speed is None:
        return _missing("speed", label)
    return Figure("speed", label, per_second(speed), _("tok/s"))


def _in_flight(told: list[ServerFigures], queued: int) -> Figure:
    """Who runs is what counts; who waits in a server is told by some servers only."""
    running, label = _sum(each.running for each in told), _("In flight")
    if running is None:
        return _missing("flight", label)
    waiting = _sum([*(each.waiting for each in told), queued or None])
    if waiting is None:
        return Figure("flight", label, number(running))
    small = _("+ %(count)s waiting") % {"count": number(waiting)}
    return Figure("flight", label, number(running), small)


def _first_token(told: list[ServerFigures]) -> Figure:
    known = [p for each in told if (p := each.first_token_p95) is not None]
    label = _("First token, p95")
    if not known:
        return _missing("first", label)
    text, unit = WRITTEN["first_token_p95"](max(known)).split()
    about = _("19 of 20 replies began within this time, at the slowest server.")
    return Figure("first", label, text, unit, about=about)


def _memory(cards: list[Card]) -> Figure:
    pairs = [(c.value(Metric.MEMORY_USED), c.value(Metric.MEMORY_TOTAL)) for c in cards]
    known = [(used, total) for used, total in pairs if used is not None and total]
    if not known:
        return _missing("memory", _("VRAM"))
    used, total = (sum(each) for each in zip(*known, strict=True))
    return Figure("memory", _("VRAM"), *filled(used, total))


def _power(cards: list[Card]) -> Figure:
    power = _sum(card.value(Metric.POWER) for card in cards)
    if power is None:
        return _missing("power", _("Power"))
    return Figure("power", _("Power"), *watts(power))


def _today(today: Energy) -> Figure:
    label = _("Today")
    if today.joules is None:
        return _missing("today", label)
    told = energy(today.joules)
    if today.cost is None:
        return Figure("today", label, *told.rsplit(maxsplit=1))
    label = _("Today, %(energy)s") % {"energy": told}
    return Figure("today", label, money(today.cost, ""), today.currency)
