"""How many calls of the driver a look may cost, by the fake library's own log."""

from tests.fakes.nvml.library import looks

EVENTS = "nvmlEventSetWait_v2"
DEAR = (
    "RunningProcesses",
    "PcieThroughput",
    "Fan",
    "Ecc",
    "FieldValues",
    "HandleBy",
    "Init",
)
STATIC = (
    "nvmlInitWithFlags",
    "nvmlDeviceGetCount_v2",
    "nvmlDeviceGetHandleByIndex_v2",
    "nvmlDeviceGetName",
    "nvmlDeviceGetUUID",
    "nvmlDeviceGetMaxClockInfo",
    "nvmlSystemGetDriverVersion",
)


def test_the_fast_look_makes_five_calls_a_card_and_none_that_is_dear() -> None:
    fast = looks("h200-x8", 0, 1)[1].calls

    assert sum(fast.values()) == 8 * 5 + 1
    assert fast[EVENTS] == 1
    assert not [name for name in fast if any(word in name for word in DEAR)]


def test_every_fifth_look_costs_no_more_than_thirteen_calls_a_card() -> None:
    fifth = looks("h200-x8", 0, 5)[1].calls

    assert sum(fifth.values()) <= 8 * 13 + 1
    assert fifth["nvmlDeviceGetComputeRunningProcesses_v3"] == 2 * 8
    assert fifth["nvmlDeviceGetGraphicsRunningProcesses_v3"] == 0


def test_what_does_not_change_is_asked_once() -> None:
    _, *later = looks("h200-x8", 0, 1, 5, 10, 30)

    assert not [name for look in later for name in STATIC if look.calls[name]]


def test_what_a_card_cannot_tell_is_not_asked_again() -> None:
    _, *later = looks("h200-x8", 0, 5, 60)

    assert sum(look.calls["nvmlDeviceGetFanSpeed"] for look in later) == 0


def test_throughput_of_the_bus_is_never_asked() -> None:
    told = looks("h200-x8", 0, 1, 5, 10, 30, 60)

    assert sum(look.calls["nvmlDeviceGetPcieThroughput"] for look in told) == 0


def test_without_a_driver_nothing_is_asked_until_it_is_tried_again() -> None:
    _, *later = looks("no-driver", 0, 1, 2, 9)

    assert sum(sum(look.calls.values()) for look in later) == 0
