from typing import Any

import pytest

from models_app.alerts.findings import Finding, Readings, ServerReading, Verdict
from models_app.alerts.rules import find
from models_app.gpu.metrics import DriverState, HostMetric, Metric
from models_app.gpu.samples import Host, Process, Xid
from models_app.models import DEFAULTS, AlertKind
from tests.models_app.alerts.seen import GIB, card, host, placed, readings, sample, vllm

TROUBLE, BETWEEN, CALM = Verdict.TROUBLE, Verdict.BETWEEN, Verdict.CALM
FULL = {Metric.MEMORY_USED: 23.9 * GIB}
OLLAMA = Process(
    pid=2, memory=22 * GIB, name="llama-server", program="ollama", ports=(11434,)
)


def found(kind: AlertKind, what: Readings) -> Finding | None:
    return next((each for each in find(what, DEFAULTS) if each.kind == kind), None)


def verdict(kind: AlertKind, what: Readings) -> Verdict | None:
    finding = found(kind, what)
    return finding.verdict if finding else None


def server(**fields: Any) -> ServerReading:
    return ServerReading(**{"pk": 7, "name": "gpu-01", "kind": "ollama", **fields})


@pytest.mark.parametrize(
    ("celsius", "expected"), [(77.9, BETWEEN), (78, TROUBLE), (75, BETWEEN), (74, CALM)]
)
def test_a_card_is_hot_within_five_degrees_of_its_limit(
    celsius: float, expected: Verdict
) -> None:
    seen = readings(host(card({Metric.TEMPERATURE: celsius})))

    assert verdict(AlertKind.HOT, seen) is expected


@pytest.mark.parametrize(("celsius", "expected"), [(84, BETWEEN), (85, TROUBLE)])
def test_without_a_limit_a_fixed_temperature_counts(
    celsius: float, expected: Verdict
) -> None:
    hot = card({Metric.TEMPERATURE: celsius})
    del hot.values[Metric.TEMPERATURE_LIMIT]

    assert verdict(AlertKind.HOT, readings(host(hot))) is expected


@pytest.mark.parametrize("bit", [0x20, 0x40, 0x80, 0x20 | 0x4])
def test_heat_and_the_power_supply_slow_a_card_down(bit: int) -> None:
    finding = found(
        AlertKind.THROTTLED, readings(host(card({Metric.THROTTLE: float(bit)})))
    )

    assert finding is not None
    assert finding.verdict is TROUBLE
    assert bool(finding.facts.get("braked")) is (bit == 0x80)


@pytest.mark.parametrize("bit", [0x1, 0x2, 0x4, 0x100])
def test_a_power_limit_and_idleness_are_no_trouble(bit: int) -> None:
    seen = readings(host(card({Metric.THROTTLE: float(bit)})))

    assert verdict(AlertKind.THROTTLED, seen) is CALM


def test_a_card_is_nearly_full_above_95_percent() -> None:
    seen = readings(host(card(FULL, processes=(OLLAMA,))))

    assert verdict(AlertKind.MEMORY_FULL, seen) is TROUBLE


def test_vllm_may_fill_its_card() -> None:
    screen = Process(pid=3, memory=GIB, name="Xorg", graphics=True)
    seen = readings(host(card(FULL, processes=(vllm(), vllm(), screen))))

    assert verdict(AlertKind.MEMORY_FULL, seen) is CALM


def test_vllm_and_another_may_not() -> None:
    seen = readings(host(card(FULL, processes=(vllm(), OLLAMA))))

    assert verdict(AlertKind.MEMORY_FULL, seen) is TROUBLE


@pytest.mark.parametrize("processes", [None, (Process(pid=1, memory=22 * GIB),)])
@pytest.mark.parametrize(("kind", "expected"), [("vllm", CALM), ("ollama", TROUBLE)])
def test_what_cannot_be_seen_may_be_vllm_where_there_is_one(
    processes: Any, kind: str, expected: Verdict
) -> None:
    full = card(FULL, processes=processes)
    seen = readings(host(full), servers=(server(kind=kind),))

    assert verdict(AlertKind.MEMORY_FULL, seen) is expected


@pytest.mark.parametrize("code", [48, 79, 119, 7])
def test_errors_of_the_card_and_unknown_ones_are_of_the_card(code: int) -> None:
    seen = readings(host(card(xids=(Xid(code, at=990.0),))))

    assert verdict(AlertKind.XID, seen) is TROUBLE
    assert verdict(AlertKind.XID_PROGRAM, seen) is CALM


def test_that_a_card_fell_off_the_bus_waits_for_it_to_be_lost() -> None:
    fell, without = (Xid(79, at=990.0),), dict(DEFAULTS)
    del without[AlertKind.CARD_LOST]
    lost = readings(host(card(lost=True, xids=fell)))

    before = found(AlertKind.XID, readings(host(card(xids=fell))))
    alone = [each for each in find(lost, without) if each.kind == AlertKind.XID]

    assert before is not None
    assert (before.verdict, before.lasts) == (TROUBLE, 2)
    assert verdict(AlertKind.XID, lost) is BETWEEN
    assert alone[0].verdict is TROUBLE


@pytest.mark.parametrize("code", [13, 31, 43, 45])
def test_errors_of_programs_are_no_errors_of_the_card(code: int) -> None:
    seen = readings(host(card(xids=(Xid(code, at=990.0),))))

    assert verdict(AlertKind.XID, seen) is CALM
    assert verdict(AlertKind.XID_PROGRAM, seen) is TROUBLE


def test_an_error_is_over_an_hour_later() -> None:
    error = card(xids=(Xid(79, at=1000.0),))

    late = readings(host(error), now=1000 + 3599)
    over = readings(host(error), now=1000 + 3600)

    assert verdict(AlertKind.XID, late) is TROUBLE
    assert verdict(AlertKind.XID, over) is CALM


def test_of_a_lost_card_nothing_else_is_said() -> None:
    hot = {Metric.TEMPERATURE: 99.0, Metric.THROTTLE: 64.0}
    found = find(readings(host(card(hot, lost=True))), DEFAULTS)

    kinds = {each.kind: each.verdict for each in found if each.subject.gpu}

    assert kinds[AlertKind.CARD_LOST] is TROUBLE
    assert not kinds.keys() & {AlertKind.HOT, AlertKind.THROTTLED, AlertKind.ECC}


@pytest.mark.parametrize(
    "values", [{Metric.ECC_UNCORRECTED: 1.0}, {Metric.ROWS_FAILED: 1.0}]
)
def test_errors_that_were_not_corrected_are_trouble(
    values: dict[Metric, float],
) -> None:
    assert verdict(AlertKind.ECC, readings(host(card(values)))) is TROUBLE


def test_a_number_that_is_missing_is_no_finding() -> None:
    bare = card()
    bare.values.clear()

    kinds = {each.kind for each in find(readings(host(bare)), DEFAULTS)}

    assert not kinds & {
        AlertKind.HOT,
        AlertKind.THROTTLED,
        AlertKind.MEMORY_FULL,
        AlertKind.ECC,
    }


@pytest.mark.parametrize(
    ("interval", "age", "lasts"), [(1.0, 3.5, 27.0), (10.0, 31.0, 70.0)]
)
def test_a_late_host_is_silent_after_30_seconds_or_ten_samples(
    interval: float, age: float, lasts: float
) -> None:
    late = host(age=age, sample=sample(card(), interval=interval))

    (finding,) = find(readings(late), DEFAULTS)

    assert (finding.kind, finding.verdict) == (AlertKind.HOST_SILENT, TROUBLE)
    assert finding.lasts == lasts


def test_of_a_late_host_nothing_is_said_but_that() -> None:
    late = host(card({Metric.TEMPERATURE: 99.0}), age=3600)

    assert [each.kind for each in find(readings(late), DEFAULTS)] == [
        AlertKind.HOST_SILENT
    ]


@pytest.mark.parametrize(
    ("free", "total", "expected"),
    [
        (9e9, 100e9, TROUBLE),
        (90e9, 1000e9, CALM),
        (19e9, 1000e9, TROUBLE),
        (21e9, 1000e9, BETWEEN),
        (11e9, 100e9, BETWEEN),
        (12e9, 100e9, CALM),
    ],
)
def test_a_disk_is_nearly_full_by_its_share_and_by_its_gigabytes(
    free: float, total: float, expected: Verdict
) -> None:
    disk = {HostMetric.DISK_FREE: free, HostMetric.DISK_TOTAL: total}
    seen = readings(host(sample=sample(host=Host(values=disk))))

    assert verdict(AlertKind.DISK_FULL, seen) is expected


def test_a_server_that_failed_is_down() -> None:
    servers = (server(failure="backend_unreachable"), server(pk=8))

    down, up = find(readings(servers=servers), DEFAULTS)

    assert (down.verdict, up.verdict) == (TROUBLE, CALM)
    assert down.affected == (7,)


def test_a_kind_that_is_off_finds_nothing() -> None:
    off = dict(DEFAULTS)
    del off[AlertKind.HOT]

    kinds = {each.kind for each in find(readings(host(card())), off)}

    assert AlertKind.HOT not in kinds


def test_a_host_concerns_all_its_servers() -> None:
    silent = host(servers=(placed(), placed(pk=8)), age=1000)

    finding = found(AlertKind.HOST_SILENT, readings(silent))

    assert finding is not None
    assert finding.affected == (7, 8)


def test_a_card_concerns_the_servers_that_hold_its_memory() -> None:
    servers = placed(), placed(pk=8, kind="vllm", port=8000)
    seen = readings(host(card(processes=(OLLAMA,)), servers=servers))

    finding = found(AlertKind.HOT, seen)

    assert finding is not None
    assert finding.affected == (7,)


def test_the_order_of_hosts_and_cards_does_not_matter() -> None:
    hosts = [host(card({Metric.TEMPERATURE: float(t)})) for t in range(60, 90, 3)]
    shuffled = [*hosts[5:], *reversed(hosts[:5])]

    one, other = find(readings(*hosts), DEFAULTS), find(readings(*shuffled), DEFAULTS)

    assert sorted(map(repr, one)) == sorted(map(repr, other))


def test_a_host_whose_driver_is_stuck_does_not_say_which_cards_it_has() -> None:
    assert host().tells_cards
    assert not host(sample=sample(driver=DriverState.STUCK)).tells_cards


@pytest.mark.parametrize(("interval", "lasts"), [(1.0, 2.0), (10.0, 20.0)])
def test_two_more_samples_must_say_that_a_card_is_lost(
    interval: float, lasts: float
) -> None:
    taken = sample(card(lost=True), interval=interval)

    lost = found(AlertKind.CARD_LOST, readings(host(sample=taken)))

    assert lost is not None
    assert (lost.verdict, lost.lasts) == (TROUBLE, lasts)
