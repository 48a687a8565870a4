"""The alerts as pages show them; nothing is changed here."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from models_app.alerts.words import (
    chat_sentence,
    nameless_sentence,
    sentence,
    severity_of,
    sort_of,
)
from models_app.alerts.xids import OFF_THE_BUS
from models_app.inventory import servers_for
from models_app.models import Alert, AlertKind, Severity
from models_app.rights import sees_all

RANK = {Severity.BAD: 0, Severity.WARN: 1, Severity.NOTE: 2}


@dataclass(frozen=True, slots=True)
class AlertNow:
    """What is wrong with one thing, or in one way with several cards of a host: `pk` is the
    newest alert of it, `since` when the first began, and `gpu` the card if it is one.
    `node` and `backend` are numbers."""

    pk: int
    kind: AlertKind
    severity: Severity
    sentence: str
    since: datetime
    node: int | None
    backend: int | None
    gpu: str = ""


@dataclass(frozen=True, slots=True)
class ChatTrouble:
    """What those who chat should know, and the numbers of the alerts that say so."""

    sentence: str
    alerts: tuple[int, ...]


def open_alerts() -> list[AlertNow]:
    """All of them, the worst first and then the newest; for those who may know every
    server's name."""
    return [_shown(each) for each in _sorted(_open())]


def open_alerts_for(person: AbstractBaseUser) -> list[AlertNow]:
    """The same for one person: a server that is not theirs has no name in it."""
    if sees_all(person):
        return open_alerts()
    theirs = {each.pk for each in servers_for(person)}
    return [_seen(each, theirs) for each in _sorted(_open())]


def chat_troubles(backends: Collection[int]) -> list[ChatTrouble]:
    """What those who chat with these servers should know, each thing once.

    That one of them is down is said only when no other is up; one whose alert was
    dismissed is down all the same.
    """
    kept = _not_explained(Alert.objects.open())
    found = [each for each in kept if set(each.affected) & set(backends)]
    down = {each.backend_id for each in found if each.kind == AlertKind.SERVER_DOWN}
    all_down = down >= set(backends)
    told: dict[str, list[int]] = {}
    for each in found:
        of_one = each.kind == AlertKind.SERVER_DOWN and not all_down
        if not each.dismissed and not of_one and (said := chat_sentence(each)):
            told.setdefault(said, []).append(each.pk)
    return [ChatTrouble(said, tuple(alerts)) for said, alerts in told.items()]


def _open() -> list[list[Alert]]:
    """What is said, without what another one says as well: together, what is wrong with
    several cards of a host in the same way. The newest comes first, also among these."""
    alerts = _not_explained(Alert.objects.open())
    groups: dict[tuple[str, ...], list[Alert]] = {}
    for alert in sorted(alerts, key=_newest_first):
        if not alert.dismissed:
            groups.setdefault(sort_of(alert), []).append(alert)
    return list(groups.values())


def _not_explained(alerts: Iterable[Alert]) -> list[Alert]:
    alerts = list(alerts)
    lost = {each.subject for each in alerts if each.kind == AlertKind.CARD_LOST}
    return [each for each in alerts if not _is_explained(each, lost)]


def _newest_first(alert: Alert) -> tuple[float, int]:
    return -alert.began.timestamp(), -alert.pk


def _is_explained(alert: Alert, lost: Collection[str]) -> bool:
    """Whether that its card or all its host's are lost says the same."""
    off_the_bus = alert.kind == AlertKind.XID and alert.value == OFF_THE_BUS
    its_host = f"node:{alert.node_id}" in lost and bool(alert.gpu_uuid)
    if alert.kind == AlertKind.CARD_LOST:
        return its_host
    return off_the_bus and (its_host or alert.subject in lost)


def _shown(alerts: Sequence[Alert]) -> AlertNow:
    newest = alerts[0]
    return AlertNow(
        pk=newest.pk,
        kind=AlertKind(newest.kind),
        severity=severity_of(newest.kind),
        sentence=sentence(*alerts),
        since=min(each.began for each in alerts),
        node=newest.node_id,
        backend=newest.backend_id,
        gpu=newest.gpu_uuid if len(alerts) == 1 else "",
    )


def _seen(alerts: Sequence[Alert], theirs: Collection[int]) -> AlertNow:
    shown = _shown(alerts)
    if shown.kind != AlertKind.SERVER_DOWN or shown.backend in theirs:
        return shown
    return replace(shown, sentence=nameless_sentence(), node=None, backend=None)


def _sorted(groups: Iterable[list[Alert]]) -> list[list[Alert]]:
    """The worst first; they come with the newest first."""
    return sorted(groups, key=lambda alerts: RANK[severity_of(alerts[0].kind)])
