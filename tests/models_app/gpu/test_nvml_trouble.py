"""Cards and drivers that fail: what is then said, and how it comes back."""

from pathlib import Path

import pytest

from models_app.gpu.metrics import DriverState, Metric, Reason
from tests.fakes.nvml.library import looks

CARD = "\n[gpu 0]\nname = A\n"


def test_one_call_that_fails_blanks_one_cell() -> None:
    told = looks("flaky", *range(1, 6))

    failed = [look for look in told if Metric.POWER not in look.card.values]
    assert [look.card.reasons[Metric.POWER] for look in failed] == [Reason.FAILED]
    assert all(look.value(Metric.MEMORY_TOTAL) for look in told)


def test_a_lost_card_keeps_its_last_numbers_and_comes_back() -> None:
    before, lost, still, back = looks("flaky", 28, 31, 36, 46)

    assert not before.card.lost
    assert lost.card.lost
    assert lost.card.values == still.card.values == before.card.values
    assert not back.card.lost
    assert back.value(Metric.UTIL) is not None


def test_a_lost_card_is_looked_for_every_ten_seconds_at_most() -> None:
    told = looks("flaky", 29, *range(30, 41))

    searches = [look.calls["nvmlDeviceGetHandleByIndex_v2"] for look in told]
    assert searches[1:] == [0] * 10 + [1]


def test_the_others_go_on_when_a_card_falls_off_the_bus() -> None:
    _, after = looks("h200-x8", 118, 121)
    lost = [card.index for card in after.reading.cards if card.lost]

    assert lost == [5]
    assert [xid.code for xid in after.reading.cards[5].xids] == [79]
    assert after.reading.cards[6].values[Metric.UTIL]


def test_a_card_that_never_answered_counts_and_is_known_when_it_does(
    tmp_path: Path,
) -> None:
    scenario = f"count = 2{CARD}error.* = GPU_IS_LOST to=5\n[gpu 1]\nname = B\n"

    before, after = looks(scenario, 0, 10, folder=tmp_path)

    assert [(card.lost, card.name) for card in before.reading.cards] == [
        (True, ""),
        (False, "B"),
    ]
    assert [(card.lost, card.name) for card in after.reading.cards] == [
        (False, "A"),
        (False, "B"),
    ]


def test_a_card_that_does_not_tell_its_name_is_read_all_the_same(
    tmp_path: Path,
) -> None:
    scenario = f"count = 1\n{CARD}error.nvmlDeviceGetName = UNKNOWN\n"

    (look,) = looks(scenario, 0, folder=tmp_path)

    assert look.card.name == ""
    assert look.value(Metric.UTIL)


def test_a_card_may_lack_everything(tmp_path: Path) -> None:
    scenario = (
        f"count = 1{CARD}error.nvmlDeviceGet[A-GI-TV-Z]* = NOT_SUPPORTED\n"
        "error.nvmlEvent* = NOT_SUPPORTED\n"
        "error.nvmlDeviceGetUtilizationRates = NOT_SUPPORTED\n"
        "error.nvmlDeviceGetH[!a]* = NOT_SUPPORTED\n"
    )

    first, second = looks(scenario, 0, 1, folder=tmp_path)

    assert Reason.NOT_SUPPORTED in first.card.reasons.values()
    assert sum(second.calls.values()) <= 1


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("DRIVER_NOT_LOADED", DriverState.DRIVER_DOWN),
        ("LIB_RM_VERSION_MISMATCH", DriverState.REBOOT_NEEDED),
        ("NO_PERMISSION", DriverState.FAILED),
    ],
)
def test_a_driver_that_cannot_be_opened_says_why_and_is_tried_again(
    code: str, state: DriverState, tmp_path: Path
) -> None:
    scenario = f"init = {code} to=15\n{CARD}"

    told = looks(scenario, 0, 5, 10, 29, 30, folder=tmp_path)

    assert [look.reading.driver for look in told[:4]] == [state] * 4
    assert [look.calls["nvmlInitWithFlags"] for look in told] == [1, 0, 1, 0, 1]
    assert told[4].reading.driver == DriverState.OK
    assert told[4].value(Metric.UTIL)


@pytest.mark.parametrize("inside", [True, False])
def test_an_unknown_failure_in_a_container_is_that_it_lost_its_gpus(
    inside: bool, tmp_path: Path
) -> None:
    (look,) = looks("init = UNKNOWN\n", 0, folder=tmp_path, in_container=inside)

    lost = DriverState.CONTAINER_LOST_GPU
    assert look.reading.driver == (lost if inside else DriverState.FAILED)


def test_without_the_library_there_is_no_nvidia() -> None:
    (look,) = looks("rtx4090-live", 0, without_library=True)

    assert look.reading.driver == DriverState.NO_NVIDIA
    assert look.reading.cards == ()


def test_a_forked_child_opens_the_driver_anew(tmp_path: Path) -> None:
    scenario = f"fork = uninitialized\n{CARD}"

    before, after = looks(scenario, 0, 1, folder=tmp_path, fork=True)

    assert after.calls["nvmlInitWithFlags"] == 1
    assert after.value(Metric.MEMORY_USED) == before.value(Metric.MEMORY_USED)


def test_a_driver_that_was_closed_under_us_is_opened_again(tmp_path: Path) -> None:
    scenario = f"{CARD}error.nvmlDeviceGetPowerUsage = UNINITIALIZED after=1 first=2\n"

    _, after = looks(scenario, 0, 1, folder=tmp_path)

    assert after.calls["nvmlInitWithFlags"] == 1
    assert after.reading.driver == DriverState.OK


def test_cards_of_a_driver_that_answers_nothing_any_more_are_opened_again(
    tmp_path: Path,
) -> None:
    scenario = f"{CARD}error.nvmlDeviceGet[!HU]* = UNKNOWN from=1 to=2\n"
    scenario += "error.nvmlDeviceGetUt* = UNKNOWN from=1 to=2\n"

    _, _, after = looks(scenario, 0, 1, 2, folder=tmp_path)

    assert after.calls["nvmlInitWithFlags"] == 1
    assert after.value(Metric.POWER)


def test_a_call_that_is_slow_twice_rests_and_says_so(tmp_path: Path) -> None:
    scenario = f"{CARD}latency.nvmlDeviceGetUtilizationRates = 120ms to=5\n"

    once, twice, rests, again = looks(scenario, 0, 1, 2, 8, folder=tmp_path)

    assert once.value(Metric.UTIL)
    assert twice.seconds > 0.1 > rests.seconds
    assert rests.card.reasons[Metric.UTIL] == Reason.SLOW
    assert rests.value(Metric.POWER)
    assert again.value(Metric.UTIL)


def test_nonsense_is_no_number(tmp_path: Path) -> None:
    scenario = f"{CARD}power.draw = 950\npower.max = 600\n"

    (look,) = looks(scenario, 0, folder=tmp_path)

    assert look.card.reasons[Metric.POWER] == Reason.NONSENSE
    assert look.value(Metric.POWER) is None


def test_an_old_driver_is_read_by_its_older_calls() -> None:
    first, second = looks("rtx4090-live", 0, 5, flags=("-DNVML_FAKE_OLD_DRIVER",))

    assert first.value(Metric.TEMPERATURE) == 58
    assert first.value(Metric.THROTTLE) == 0
    assert first.value(Metric.MEMORY_USED)
    assert first.card.processes
    assert {each.pid for each in first.card.processes} == {4242, 1900}
    assert second.calls["nvmlDeviceGetComputeRunningProcesses_v2"] == 2


def test_a_card_that_is_cut_later_is_asked_again_what_it_can(tmp_path: Path) -> None:
    scenario = (
        f"{CARD}mig = steps(0: off, 30: on, 90: off)\n[mig 0.0]\nmemory.total = 5GiB\n"
    )

    whole, cut, again = looks(scenario, 0, 60, 120, folder=tmp_path)

    assert whole.card.parts == ()
    assert len(cut.card.parts) == 1
    assert cut.card.reasons[Metric.UTIL] == Reason.NOT_SUPPORTED
    assert again.value(Metric.UTIL) is not None


@pytest.mark.parametrize("code", ["INVALID_ARGUMENT", "GPU_NOT_FOUND", "GPU_IS_LOST"])
def test_an_instance_that_was_destroyed_is_no_lost_card(
    code: str, tmp_path: Path
) -> None:
    instance = "[mig 0.{}]\nmemory.total = 9GiB\nprocess = pid=500{} mem=1GiB\n"
    parts = [instance.format(number, number) for number in (0, 1)]
    scenario = f"{CARD}mig = on\n{parts[0]}error.* = {code} from=3\n{parts[1]}"

    before, after, later = looks(scenario, 0, 6, 9, folder=tmp_path)

    assert [len(look.card.parts) for look in (before, after, later)] == [2, 1, 1]
    assert not after.card.lost
    assert after.card.parts == before.card.parts[1:]
    assert [each.pid for each in later.card.processes or ()] == [5001]


def test_an_error_is_told_for_an_hour_though_the_clock_is_put_back(
    tmp_path: Path,
) -> None:
    scenario = f"{CARD}xid = 79 at=1\n"

    told = looks(scenario, 0, 2, 3500, 3700, folder=tmp_path, wall=5.0)

    assert [len(look.card.xids) for look in told] == [0, 1, 1, 0]
