"""What is read of NVIDIA's cards, scenario by scenario, as numbers."""

import psutil
import pytest

from models_app.gpu.metrics import DriverState, Metric, Reason
from models_app.gpu.samples import NodeSample, read_sample, write_sample
from tests.fakes.nvml.library import looks

GIB, MIB = 2**30, 2**20
NOT_SUPPORTED = Reason.NOT_SUPPORTED
READABLE = (
    "rtx4090-live",
    "h200-x8",
    "a100-mig",
    "gb10-unified",
    "wsl2",
    "zero-gpu",
    "no-driver",
)


@pytest.mark.parametrize("scenario", READABLE)
def test_what_is_read_can_be_taken_in(scenario: str) -> None:
    (look,) = looks(scenario, 1)
    sample = NodeSample("here", "boot", 1, 1.0, 1.0, 1.0, cards=look.reading.cards)

    assert read_sample(write_sample(sample), node="here") == sample


def test_a_consumer_card_tells_most_of_what_there_is() -> None:
    look = looks("rtx4090-live", 0, 10)[1]

    assert look.card.name == "NVIDIA GeForce RTX 4090"
    assert look.value(Metric.MEMORY_TOTAL) == 24564 * MIB
    assert look.value(Metric.MEMORY_USED) == (300 + 5600 + 210) * MIB
    assert look.value(Metric.UTIL) == pytest.approx(92, abs=3)
    assert look.value(Metric.TEMPERATURE) == 67
    assert look.value(Metric.TEMPERATURE_LIMIT) == 90
    assert look.value(Metric.POWER) == pytest.approx(335, abs=6)
    assert look.value(Metric.POWER_LIMIT) == 450
    assert look.value(Metric.ENERGY) == pytest.approx(3350, abs=60)
    assert look.value(Metric.SM_CLOCK) == 2745
    assert look.value(Metric.SM_CLOCK_MOST) == 3105
    assert look.value(Metric.FAN) == 50


def test_what_a_consumer_card_lacks_has_a_reason() -> None:
    (look,) = looks("rtx4090-live", 0)

    lacking = {Metric.MEMORY_TEMPERATURE, Metric.ECC_CORRECTED, Metric.ROWS_REMAPPED}
    assert lacking <= look.card.reasons.keys()
    assert set(look.card.reasons) | set(look.card.values) == set(Metric)
    assert set(look.card.reasons.values()) == {NOT_SUPPORTED}


def test_processes_come_with_the_largest_first_and_say_who_draws() -> None:
    (look,) = looks("rtx4090-live", 0)

    assert look.card.processes
    assert [(each.pid, each.graphics) for each in look.card.processes] == [
        (4242, False),
        (1900, True),
    ]
    assert look.card.processes[0].memory == 5600 * MIB


def test_the_driver_says_its_version() -> None:
    (look,) = looks("rtx4090-live", 0)

    assert look.reading.driver == DriverState.OK
    assert look.reading.driver_version == "580.65.06"
    assert look.reading.cuda_version == "13.0"


def test_throttling_is_told_as_the_driver_s_bits() -> None:
    before, during = looks("rtx4090-live", 119, 121)

    assert before.value(Metric.THROTTLE) == 0
    assert during.value(Metric.THROTTLE) == 4


def test_a_margin_to_a_limit_becomes_a_temperature() -> None:
    (look,) = looks("h200-x8", 0)

    # 55 °C now, 30 °C to go, and the limit is where none is left.
    assert look.value(Metric.TEMPERATURE_LIMIT) == 85
    assert look.value(Metric.MEMORY_TEMPERATURE) == 60
    assert look.card.reasons == {Metric.FAN: NOT_SUPPORTED}


def test_cards_of_one_kind_have_one_limit_however_hot_each_is() -> None:
    for look in looks("h200-x8", 0, 7, 13):
        values = [each.values for each in look.reading.cards]

        assert {each[Metric.TEMPERATURE_LIMIT] for each in values} == {85}
        assert len({each[Metric.TEMPERATURE] for each in values}) > 1


def test_memory_that_is_failing_is_counted_on_the_card_that_has_it() -> None:
    look = looks("h200-x8", 0, 60, 100)[2]
    bad = look.reading.cards[3]

    assert bad.values[Metric.ECC_CORRECTED] == 30
    assert [xid.code for xid in bad.xids] == [94]
    assert [card.xids for card in look.reading.cards if card is not bad] == [()] * 7


def test_instances_have_memory_and_processes_and_no_activity() -> None:
    (look,) = looks("a100-mig", 0)
    parts = look.card.parts

    assert [part.memory_total for part in parts] == [
        39936 * MIB,
        19968 * MIB,
        9728 * MIB,
    ]
    assert parts[0].name.endswith("MIG 3g.39gb")
    assert look.card.reasons[Metric.UTIL] == NOT_SUPPORTED
    assert look.card.processes
    assert [(each.pid, each.part) for each in look.card.processes] == [
        (5001, parts[0].uuid),
        (5002, parts[1].uuid),
    ]


def test_a_card_without_memory_of_its_own_has_the_host_s() -> None:
    (look,) = looks("gb10-unified", 0)

    assert look.card.shared
    assert look.value(Metric.MEMORY_TOTAL) == psutil.virtual_memory().total
    assert look.value(Metric.MEMORY_USED)
    assert look.card.processes
    assert look.card.processes[0].memory == 60 * GIB


def test_under_wsl_little_is_told_and_each_lack_has_a_reason() -> None:
    (look,) = looks("wsl2", 5)

    assert look.value(Metric.MEMORY_USED) == 4 * GIB
    assert look.card.processes is None
    assert look.card.processes_reason == NOT_SUPPORTED
    for metric in (Metric.UTIL, Metric.FAN, Metric.ENERGY, Metric.THROTTLE):
        assert look.card.reasons[metric] == NOT_SUPPORTED


def test_a_driver_without_a_card_is_well() -> None:
    (look,) = looks("zero-gpu", 0)

    assert look.reading.driver == DriverState.OK
    assert look.reading.cards == ()
