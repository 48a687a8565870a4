"""What is wrong just now, by the rules: readings in, findings out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from models_app.alerts.bare_hosts import bare_finding
from models_app.alerts.card_rules import card_findings
from models_app.alerts.findings import (
    LATE,
    Finding,
    HostReading,
    Readings,
    ServerReading,
    Subject,
    Verdict,
)
from models_app.gpu.metrics import HostMetric
from models_app.models import AlertKind, Limits

SILENT = 10
"""Intervals without a sample after which a host is silent, however few seconds they are."""
UNKNOWN_INTERVAL = 10.0
"""Of a host of which no sample is kept: the longest that an agent takes by itself."""
ROOMIER = 1.2
"""How much more than its threshold a disk must have free to be well again."""
GB = 1e9
LASTING = frozenset(AlertKind) - {
    AlertKind.XID,
    AlertKind.XID_PROGRAM,
    AlertKind.CARD_LOST,
    AlertKind.HOST_SILENT,
}
"""Kinds whose seconds say how long something must last; the others' rules use them."""


def find(readings: Readings, limits: Mapping[AlertKind, Limits]) -> list[Finding]:
    """How everything is that is known, by the kinds that have limits."""
    found = [*_of_hosts(readings, limits), *_of_servers(readings.servers, limits)]
    return [
        replace(each, lasts=limits[each.kind].seconds) if each.kind in LASTING else each
        for each in found
    ]


def _of_hosts(
    readings: Readings, limits: Mapping[AlertKind, Limits]
) -> Iterator[Finding]:
    for host in readings.hosts:
        yield from card_findings(host, readings, limits)
        lost = limits.get(AlertKind.CARD_LOST)
        if lost and (bare := bare_finding(host, lost)):
            yield bare
        if silent := limits.get(AlertKind.HOST_SILENT):
            yield _silent(host, silent)
        disk = limits.get(AlertKind.DISK_FULL)
        if disk and (found := _disk(host, disk)):
            yield found


def _silent(host: HostReading, limits: Limits) -> Finding:
    """It is in trouble once it is late, and silent if that lasts.

    So a worker that was away, and finds only an old sample, waits for the next one.
    """
    interval = host.sample.interval if host.sample else UNKNOWN_INTERVAL
    silent = max(limits.seconds, SILENT * interval)
    verdict = Verdict.CALM if host.fresh else Verdict.TROUBLE
    return _of_host(
        AlertKind.HOST_SILENT, host, verdict, lasts=silent - LATE * interval
    )


def _disk(host: HostReading, limits: Limits) -> Finding | None:
    told = host.fresh.host if host.fresh else None
    free = told.value(HostMetric.DISK_FREE) if told else None
    total = told.value(HostMetric.DISK_TOTAL) if told else None
    if free is None or not total:
        return None
    percent, least = 100 * free / total, limits.threshold or 0
    room = free / GB, limits.second_threshold
    verdict = _low(percent, least, room=room)
    return _of_host(AlertKind.DISK_FULL, host, verdict, value=percent, limit=least)


def _low(percent: float, least: float, *, room: tuple[float, float | None]) -> Verdict:
    """Low when both the share and the gigabytes are; a large disk has room at few percent."""
    free, enough = room
    if percent < least and (enough is None or free < enough):
        return Verdict.TROUBLE
    roomy = percent >= least * ROOMIER or (
        enough is not None and free >= enough * ROOMIER
    )
    return Verdict.CALM if roomy else Verdict.BETWEEN


def _of_host(
    kind: AlertKind,
    host: HostReading,
    verdict: Verdict,
    *,
    value: float | None = None,
    lasts: float = 0,
    **facts: object,
) -> Finding:
    return Finding(
        kind=kind,
        subject=Subject(node=host.pk),
        verdict=verdict,
        lasts=lasts,
        value=value,
        facts={"host": host.name, **facts},
        affected=tuple(each.pk for each in host.servers),
    )


def _of_servers(
    servers: tuple[ServerReading, ...], limits: Mapping[AlertKind, Limits]
) -> Iterator[Finding]:
    for each in servers if AlertKind.SERVER_DOWN in limits else ():
        yield Finding(
            kind=AlertKind.SERVER_DOWN,
            subject=Subject(backend=each.pk),
            verdict=Verdict.TROUBLE if each.failure else Verdict.CALM,
            facts={"server": each.name, "failure": each.failure},
            affected=(each.pk,),
        )
