"""Alerts opened and closed, each once, by what the rules find."""

import logging
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

import redis
from django.db import IntegrityError, transaction

from dashboard.live.bus import publish
from dashboard.live.events import AlertChanged
from models_app.alerts.course import Course, next_course
from models_app.alerts.deliveries import order_deliveries
from models_app.alerts.endings import Ending, Standing, ending_of
from models_app.alerts.findings import Finding, Readings
from models_app.alerts.reading import limits_now, readings_at
from models_app.alerts.rules import find
from models_app.models import Alert, AlertKind, Delivery

log = logging.getLogger(__name__)

CALM = 30.0
"""Seconds for which it must be well again until an alert is over."""
CALM_OF = {
    AlertKind.THROTTLED: 60.0,
    AlertKind.DISK_FULL: 60.0,
    AlertKind.SERVER_DOWN: 15.0,
    AlertKind.XID: 0.0,
    AlertKind.XID_PROGRAM: 0.0,
}
COUNTED = (AlertKind.XID, AlertKind.XID_PROGRAM, AlertKind.ECC)
"""Kinds that tell what came since they were opened."""


def look_for_trouble(*, now: float) -> None:
    """Open and close what is due; changes nothing while Redis is away, for then nobody
    knows how the hosts are."""
    try:
        readings = readings_at(now)
    except (redis.RedisError, OSError) as failure:
        log.warning("Alerts wait until Redis is back: %s", failure)
        return
    limits = limits_now()
    keep(find(readings, limits), now=now)
    _end_what_is_unknown(readings, limits, now=now)


def _end_what_is_unknown(
    readings: Readings, enabled: Collection[str], *, now: float
) -> None:
    kept = list(Alert.objects.kept().select_related("node", "backend"))
    standing = Standing.of(kept)
    for alert in kept:
        if why := ending_of(alert, readings, enabled=enabled, standing=standing):
            _end(alert, now=now, why=why)


def keep(findings: Iterable[Finding], *, now: float) -> None:
    """Take every alert one step along its course; in any order, and as often as one likes."""
    kept = {(each.kind, each.subject): each for each in Alert.objects.kept()}
    for finding in findings:
        alert = kept.get(finding.key)
        before = _course(alert) if alert else None
        calm = CALM_OF.get(finding.kind, CALM)
        after = next_course(
            before, finding.verdict, now=now, lasts=finding.lasts, calm=calm
        )
        if alert is None and after:
            _begin(finding, after)
        elif alert:
            _go_on(alert, finding, after)


def _course(alert: Alert) -> Course:
    return Course(
        began=alert.began.timestamp(),
        troubled_at=alert.troubled_at.timestamp(),
        opened_at=alert.opened_at.timestamp() if alert.opened_at else None,
        calm_since=alert.calm_since.timestamp() if alert.calm_since else None,
    )


def _begin(finding: Finding, course: Course) -> None:
    """Whoever comes second finds the row there, and leaves it at that."""
    try:
        with transaction.atomic():
            alert = Alert.objects.create(
                kind=finding.kind,
                subject=finding.subject.key,
                node_id=finding.subject.node,
                gpu_uuid=finding.subject.gpu,
                backend_id=finding.subject.backend,
                affected=list(finding.affected),
                began=_at(course.began),
                troubled_at=_at(course.troubled_at),
                value=finding.value,
                facts=dict(finding.facts),
            )
            if course.opened_at is not None:
                _open(alert, finding, course.opened_at)
    except IntegrityError as failure:
        # Another worker, or the host or server was deleted a moment ago.
        log.info("%s was not begun: %s", finding.key, failure)


def _go_on(alert: Alert, finding: Finding, after: Course | None) -> None:
    if after is None:
        Alert.objects.filter(pk=alert.pk, opened_at=None).delete()
    elif after.is_over:
        _end(alert, now=after.calm_since or after.troubled_at)
    elif alert.opened_at is None and after.opened_at is not None:
        _open(alert, finding, after.opened_at)
    elif alert.opened_at is None:
        times = {"began": _at(after.began), "troubled_at": _at(after.troubled_at)}
        Alert.objects.kept().filter(pk=alert.pk, opened_at=None).update(**times)
    else:
        _note(alert, finding, after)


@transaction.atomic
def _open(alert: Alert, finding: Finding, at: float) -> None:
    """Say it once; whoever comes second changes nothing."""
    watched = Alert.objects.kept().filter(pk=alert.pk, opened_at=None)
    said = watched.update(
        opened_at=_at(at),
        troubled_at=_at(at),
        value=finding.value,
        facts=dict(finding.facts),
        affected=list(finding.affected),
    )
    if said:
        order_deliveries(alert, Delivery.Event.FIRED, at=_at(at))
        publish(AlertChanged(alert.pk))


def _note(alert: Alert, finding: Finding, after: Course) -> None:
    """Keep what has changed of an open one; the pages hear what they show."""
    calm = None if after.calm_since is None else _at(after.calm_since)
    news: dict[str, object] = {}
    if list(finding.affected) != alert.affected:
        news["affected"] = list(finding.affected)
    if alert.kind in COUNTED and finding.value and finding.value != alert.value:
        news |= {"value": finding.value, "facts": dict(finding.facts)}
    if news or calm != alert.calm_since:
        Alert.objects.kept().filter(pk=alert.pk).update(calm_since=calm, **news)
    if news:
        publish(AlertChanged(alert.pk))


@transaction.atomic
def _end(alert: Alert, *, now: float, why: Ending | None = None) -> None:
    """Close it once, and say so if it was said; `why`, where nothing has become well."""
    over: dict[str, object] = {"cleared_at": _at(now)}
    if why:
        over["facts"] = {**alert.facts, "ended": why.value}
    if alert.opened_at is None:
        Alert.objects.filter(pk=alert.pk, opened_at=None).delete()
    elif Alert.objects.kept().filter(pk=alert.pk).update(**over):
        order_deliveries(alert, Delivery.Event.CLEARED, at=_at(now))
        publish(AlertChanged(alert.pk))


@transaction.atomic
def dismiss(alert_id: int) -> bool:
    """Take an open one off the pages until it is over; False when it was so already."""
    shown = Alert.objects.open().filter(pk=alert_id, dismissed=False)
    dismissed = bool(shown.update(dismissed=True))
    if dismissed:
        publish(AlertChanged(alert_id))
    return dismissed


def _at(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
