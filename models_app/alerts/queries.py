"""The alerts as pages show them; nothing is changed here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from models_app.alerts.words import (
    chat_sentence,
    nameless_sentence,
    sentence,
    severity_of,
)
from models_app.inventory import servers_for
from models_app.models import Alert, AlertKind, Severity
from models_app.rights import sees_all

RANK = {Severity.BAD: 0, Severity.WARN: 1, Severity.NOTE: 2}


@dataclass(frozen=True, slots=True)
class AlertNow:
    """An alert that is open; `since` is when it began, `node` and `backend` are numbers."""

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
    """All of them, the worst first; for those who may know every server's name."""
    return _sorted(_shown(each) for each in _open())


def open_alerts_for(person: AbstractBaseUser) -> list[AlertNow]:
    """The same for one person: a server that is not theirs has no name in it."""
    if sees_all(person):
        return open_alerts()
    theirs = {each.pk for each in servers_for(person)}
    return _sorted(_seen(each, theirs) for each in _open())


def chat_troubles(backends: Collection[int]) -> list[ChatTrouble]:
    """What those who chat with these servers should know, each thing once.

    That one of them is down is said only when no other is up; one whose alert was
    dismissed is down all the same.
    """
    kept = Alert.objects.open()
    found = [each for each in kept if set(each.affected) & set(backends)]
    down = {each.backend_id for each in found if each.kind == AlertKind.SERVER_DOWN}
    all_down = down >= set(backends)
    told: dict[str, list[int]] = {}
    for each in found:
        of_one = each.kind == AlertKind.SERVER_DOWN and not all_down
        if not each.dismissed and not of_one and (said := chat_sentence(each)):
            told.setdefault(said, []).append(each.pk)
    return [ChatTrouble(said, tuple(alerts)) for said, alerts in told.items()]


def _open() -> Iterable[Alert]:
    return Alert.objects.open().filter(dismissed=False)


def _shown(alert: Alert) -> AlertNow:
    return AlertNow(
        pk=alert.pk,
        kind=AlertKind(alert.kind),
        severity=severity_of(alert.kind),
        sentence=sentence(alert),
        since=alert.began,
        node=alert.node_id,
        backend=alert.backend_id,
        gpu=alert.gpu_uuid,
    )


def _seen(alert: Alert, theirs: Collection[int]) -> AlertNow:
    shown = _shown(alert)
    if alert.kind != AlertKind.SERVER_DOWN or alert.backend_id in theirs:
        return shown
    return AlertNow(
        pk=shown.pk,
        kind=shown.kind,
        severity=shown.severity,
        sentence=nameless_sentence(),
        since=shown.since,
        node=None,
        backend=None,
    )


def _sorted(alerts: Iterable[AlertNow]) -> list[AlertNow]:
    return sorted(alerts, key=lambda each: (RANK[each.severity], each.since, each.pk))
