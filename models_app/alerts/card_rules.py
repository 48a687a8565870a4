"""When a card needs attention."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from models_app.alerts.bare_hosts import MISSED, is_bare
from models_app.alerts.findings import Finding, HostReading, Readings, Subject, Verdict
from models_app.alerts.holders import only_vllm, servers_of_cards
from models_app.alerts.xids import OFF_THE_BUS, is_of_program
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Card
from models_app.models import AlertKind, Limits

TOO_HOT, POWER_BRAKE = 0x20 | 0x40, 0x80
"""Bits of the throttle mask: by software or hardware for heat; the power supply says so.
That a card keeps to its power limit (0x4) is as it should be."""
COOLER, EMPTIER = 3.0, 2.0
"""°C, and percent, below a threshold at which it is well again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A card, where it is, and all that was read at that moment; `affected` are the servers
    that hold memory of it, and `says_lost` is whether lost cards are said."""

    card: Card
    host: HostReading
    readings: Readings
    affected: tuple[int, ...]
    says_lost: bool

    def finding(
        self,
        kind: AlertKind,
        verdict: Verdict,
        *,
        value: float | None,
        lasts: float = 0,
        **facts: object,
    ) -> Finding:
        named: Mapping[str, Any] = {
            "host": self.host.name,
            "card": self.card.name,
            "index": self.card.index,
        }
        return Finding(
            kind=kind,
            subject=Subject(node=self.host.pk, gpu=self.card.uuid),
            verdict=verdict,
            lasts=lasts,
            value=value,
            facts={**named, **facts},
            affected=self.affected,
        )


Rule = Callable[[Seen, Limits], Finding | None]


def card_findings(
    host: HostReading, readings: Readings, limits: Mapping[AlertKind, Limits]
) -> Iterator[Finding]:
    """How the cards of a host are; nothing of those that have not been looked at now."""
    affected, says_lost = servers_of_cards(host), AlertKind.CARD_LOST in limits
    for card in host.fresh.cards if host.fresh else ():
        seen = Seen(card, host, readings, affected[card.uuid], says_lost)
        for kind, rule in RULES.items():
            found = rule(seen, limits[kind]) if kind in limits else None
            if found:
                yield found


def above(value: float, limit: float, *, slack: float) -> Verdict:
    if value >= limit:
        return Verdict.TROUBLE
    return Verdict.BETWEEN if value >= limit - slack else Verdict.CALM


def _hot(seen: Seen, limits: Limits) -> Finding | None:
    value = _now(seen, Metric.TEMPERATURE)
    most = _now(seen, Metric.TEMPERATURE_LIMIT)
    limit = limits.second_threshold if most is None else most - (limits.threshold or 0)
    if value is None or limit is None:
        return None
    verdict = above(value, limit, slack=COOLER)
    return seen.finding(AlertKind.HOT, verdict, value=value, limit=limit)


def _throttled(seen: Seen, limits: Limits) -> Finding | None:
    mask = _now(seen, Metric.THROTTLE)
    if mask is None:
        return None
    hot, braked = int(mask) & TOO_HOT, int(mask) & POWER_BRAKE
    verdict = Verdict.TROUBLE if hot or braked else Verdict.CALM
    said = {"braked": True} if braked and not hot else {}
    return seen.finding(AlertKind.THROTTLED, verdict, value=mask, **said)


def _memory_full(seen: Seen, limits: Limits) -> Finding | None:
    used = _now(seen, Metric.MEMORY_USED)
    total = _now(seen, Metric.MEMORY_TOTAL)
    if used is None or not total or limits.threshold is None:
        return None
    share = 100 * used / total
    verdict = above(share, limits.threshold, slack=EMPTIER)
    if only_vllm(seen.card, seen.readings.servers):
        verdict = Verdict.CALM
    said = {"value": share, "limit": limits.threshold}
    return seen.finding(AlertKind.MEMORY_FULL, verdict, **said)


def _xid(seen: Seen, limits: Limits) -> Finding:
    return _error(seen, limits, AlertKind.XID)


def _xid_program(seen: Seen, limits: Limits) -> Finding:
    return _error(seen, limits, AlertKind.XID_PROGRAM)


def _error(seen: Seen, limits: Limits, kind: AlertKind) -> Finding:
    """An error is a moment: it stands for so many seconds after the last one. That the card
    fell off the bus is not said besides that it is lost."""
    of_program = kind == AlertKind.XID_PROGRAM
    ours = [each for each in seen.card.xids if is_of_program(each.code) is of_program]
    last = max(ours, key=lambda each: each.at, default=None)
    if last is None:
        return seen.finding(kind, Verdict.CALM, value=None)
    fresh = seen.readings.now - last.at < limits.seconds
    verdict = Verdict.TROUBLE if fresh else Verdict.CALM
    explained = last.code == OFF_THE_BUS and seen.says_lost
    if fresh and explained and seen.card.lost:
        verdict = Verdict.BETWEEN
    lasts = _patience(seen) if explained else 0
    return seen.finding(kind, verdict, value=last.code, lasts=lasts)


def _lost(seen: Seen, limits: Limits) -> Finding | None:
    """A card may miss a question, and a driver begins before its cards do. Of a host that
    has lost all of them that is said once, of the host."""
    if is_bare(seen.host):
        return None
    verdict = Verdict.TROUBLE if seen.card.lost else Verdict.CALM
    lasts = max(limits.seconds, _patience(seen))
    return seen.finding(AlertKind.CARD_LOST, verdict, value=None, lasts=lasts)


def _patience(seen: Seen) -> float:
    return MISSED * (seen.host.sample.interval if seen.host.sample else 0)


def _ecc(seen: Seen, limits: Limits) -> Finding | None:
    errors = _now(seen, Metric.ECC_UNCORRECTED)
    unrepaired = _now(seen, Metric.ROWS_FAILED)
    if unrepaired:
        found = {"value": unrepaired, "unrepaired": True}
        return seen.finding(AlertKind.ECC, Verdict.TROUBLE, **found)
    if errors is None:
        return None
    bad = errors >= max(1, limits.threshold or 1)
    verdict = Verdict.TROUBLE if bad else Verdict.CALM
    return seen.finding(AlertKind.ECC, verdict, value=errors)


def _now(seen: Seen, metric: Metric) -> float | None:
    """A number of this moment: those of a lost card are its last ones."""
    return None if seen.card.lost else seen.card.value(metric)


RULES: dict[AlertKind, Rule] = {
    AlertKind.HOT: _hot,
    AlertKind.THROTTLED: _throttled,
    AlertKind.MEMORY_FULL: _memory_full,
    AlertKind.XID: _xid,
    AlertKind.XID_PROGRAM: _xid_program,
    AlertKind.CARD_LOST: _lost,
    AlertKind.ECC: _ecc,
}
