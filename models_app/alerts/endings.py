"""Why an alert ends without having become well: nothing is known, or asked, any more."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from models_app.alerts.findings import HostReading, Readings
from models_app.gpu.samples import NAMELESS
from models_app.models import Alert, AlertKind

LONG = 600.0
"""Seconds of silence after which nothing is known of what a host has; until then it may
just be starting anew."""
OF_A_LOST_CARD = (AlertKind.CARD_LOST, AlertKind.XID, AlertKind.XID_PROGRAM)
"""Kinds that say something of a card which does not answer."""


class Ending(StrEnum):
    RULE_OFF = "rule-off"
    SERVER_GONE = "server-gone"
    HOST_REMOVED = "host-removed"
    HOST_SILENT = "host-silent"
    CARD_LOST = "card-lost"
    CARD_GONE = "card-gone"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the other alerts say: which cards and hosts are lost, and since when (Unix time)
    hosts are silent."""

    lost: frozenset[str]
    silent_since: dict[str, float]

    @classmethod
    def of(cls, alerts: Iterable[Alert]) -> "Standing":
        said = [each for each in alerts if each.opened_at]
        lost = (e.subject for e in said if e.kind == AlertKind.CARD_LOST)
        silent = (e for e in said if e.kind == AlertKind.HOST_SILENT)
        return cls(
            frozenset(lost), {each.subject: each.began.timestamp() for each in silent}
        )


def ending_of(
    alert: Alert,
    readings: Readings,
    *,
    enabled: Collection[str],
    standing: Standing,
) -> Ending | None:
    """Why it is over though nothing has become well; None while it stands."""
    if alert.kind not in enabled:
        return Ending.RULE_OFF
    if alert.subject.startswith("backend:"):
        watched = alert.backend is not None and alert.backend.enabled
        return None if watched else Ending.SERVER_GONE
    if alert.node is None or alert.node.retired_at is not None:
        return Ending.HOST_REMOVED
    host = next((each for each in readings.hosts if each.pk == alert.node_id), None)
    if host is None or alert.kind == AlertKind.HOST_SILENT:
        return None
    if _silent_for(host, readings.now, enabled, standing) >= LONG:
        return Ending.HOST_SILENT
    return _of_card(alert, host, enabled, standing) if alert.gpu_uuid else None


def _silent_for(
    host: HostReading, now: float, enabled: Collection[str], standing: Standing
) -> float:
    """Seconds; by the alert of it where there is one, for a worker that was away finds
    only old samples."""
    if host.fresh:
        return 0.0
    if AlertKind.HOST_SILENT in enabled:
        return now - standing.silent_since.get(f"node:{host.pk}", now)
    return host.age or 0.0


def _of_card(
    alert: Alert, host: HostReading, enabled: Collection[str], standing: Standing
) -> Ending | None:
    cards = {each.uuid: each for each in host.fresh.cards} if host.fresh else {}
    card = cards.get(alert.gpu_uuid)
    ends_lost = alert.kind not in OF_A_LOST_CARD
    if AlertKind.CARD_LOST in enabled:
        lost = not standing.lost.isdisjoint({alert.subject, f"node:{host.pk}"})
    else:
        lost = card is not None and card.lost
    if ends_lost and lost:
        return Ending.CARD_LOST
    ends_gone = alert.kind != AlertKind.CARD_LOST or _is_stand_in(alert)
    gone = card is None and host.tells_cards
    return Ending.CARD_GONE if ends_gone and gone else None


def _is_stand_in(alert: Alert) -> bool:
    """Whether it is of a card that had no name yet: it has told it, and is another one from
    then on."""
    return alert.gpu_uuid.startswith(NAMELESS)
