"""Which call of NVML gives which number, how often it is made, and in what unit it comes.

Missing on purpose: PCIe throughput, which holds the driver for 20 ms a direction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pynvml as nvml

from models_app.gpu.metrics import Metric

Way = Callable[[Any], "float | tuple[float, ...]"]

EACH = 0.0
"""At every look: these take microseconds."""
ONCE = float("inf")
"""Again only when the driver was opened anew."""

A_TICK = 0.5
"""Looks are not to the second: what is due in half of one is due now."""

MILLI = 1e-3
GPU_SENSOR = 0
CORRECTED, UNCORRECTED = 0, 1
SINCE_LOAD = 0
UNKNOWN_PSTATE = 32


class NotTold(Exception):
    """The driver answered, and its answer says that it does not know."""


@dataclass(frozen=True, slots=True)
class Call:
    """One question: the metrics that its answer gives, and at least how far apart.

    `ways` are tried in order, the newest first; which of them the card knows is
    remembered.
    """

    gives: tuple[Metric, ...]
    every: float
    ways: tuple[Way, ...]

    @property
    def name(self) -> str:
        return self.gives[0].value


def _memory(card: Any) -> tuple[float, ...]:
    """Without what the driver keeps for itself."""
    memory = nvml.nvmlDeviceGetMemoryInfo(card, version=nvml.nvmlMemory_v2)
    return memory.used, memory.total


def _memory_of_old(card: Any) -> tuple[float, ...]:
    memory = nvml.nvmlDeviceGetMemoryInfo(card)
    return memory.used, memory.total


def memory_of(card: Any) -> tuple[int, int]:
    """Used and total bytes of a card or an instance, by whichever way there is."""
    try:
        memory = nvml.nvmlDeviceGetMemoryInfo(card, version=nvml.nvmlMemory_v2)
    except nvml.NVMLError_FunctionNotFound:
        memory = nvml.nvmlDeviceGetMemoryInfo(card)
    return memory.used, memory.total


def _activity(card: Any) -> tuple[float, ...]:
    rates = nvml.nvmlDeviceGetUtilizationRates(card)
    return rates.gpu, rates.memory


def _field(card: Any, number: int) -> float:
    """One field value; each has an error code of its own."""
    (value,) = nvml.nvmlDeviceGetFieldValues(card, [number])
    if value.nvmlReturn != nvml.NVML_SUCCESS:
        raise nvml.NVMLError(value.nvmlReturn)
    if value.valueType == nvml.NVML_VALUE_TYPE_SIGNED_INT:
        return float(value.value.siVal)
    return float(value.value.uiVal)


def _pstate(card: Any) -> float:
    state: int = nvml.nvmlDeviceGetPerformanceState(card)
    if state == UNKNOWN_PSTATE:
        raise NotTold
    return state


def _limit(card: Any) -> float:
    """The highest temperature that the card is meant to work at."""
    wanted = nvml.NVML_TEMPERATURE_THRESHOLD_GPU_MAX
    return float(nvml.nvmlDeviceGetTemperatureThreshold(card, wanted))


def _slowdown_limit(card: Any) -> float:
    wanted = nvml.NVML_TEMPERATURE_THRESHOLD_SLOWDOWN
    return float(nvml.nvmlDeviceGetTemperatureThreshold(card, wanted))


def _limit_by_margin(card: Any) -> float:
    """From Hopper on, limits are told as what is left to a point the driver knows.

    The card is at its limit when what is left has come down to the field's value.
    """
    left = nvml.nvmlDeviceGetMarginTemperature(card)
    at_limit = _field(card, nvml.NVML_FI_DEV_TEMPERATURE_GPU_MAX_TLIMIT)
    return float(_temperature(card) + left - at_limit)


def _temperature(card: Any) -> float:
    return float(nvml.nvmlDeviceGetTemperatureV(card, GPU_SENSOR))


def _remapped(card: Any) -> tuple[float, ...]:
    corrected, uncorrected, _, failed = nvml.nvmlDeviceGetRemappedRows(card)
    return corrected + uncorrected, failed


def _retired(card: Any) -> tuple[float, ...]:
    """What cards before Ampere have instead: whole pages, which cannot fail."""
    causes = range(nvml.NVML_PAGE_RETIREMENT_CAUSE_COUNT)
    pages = (nvml.nvmlDeviceGetRetiredPages(card, cause) for cause in causes)
    return sum(map(len, pages)), 0


def _ecc(card: Any, kind: int) -> float:
    return float(nvml.nvmlDeviceGetTotalEccErrors(card, kind, SINCE_LOAD))


M = Metric
CALLS = (
    Call((M.MEMORY_USED, M.MEMORY_TOTAL), EACH, (_memory, _memory_of_old)),
    Call((M.UTIL, M.CONTROLLER), EACH, (_activity,)),
    Call(
        (M.TEMPERATURE,),
        EACH,
        (_temperature, lambda c: nvml.nvmlDeviceGetTemperature(c, GPU_SENSOR)),
    ),
    Call((M.POWER,), EACH, (lambda c: nvml.nvmlDeviceGetPowerUsage(c) * MILLI,)),
    Call(
        (M.THROTTLE,),
        EACH,
        (
            nvml.nvmlDeviceGetCurrentClocksEventReasons,
            nvml.nvmlDeviceGetCurrentClocksThrottleReasons,
        ),
    ),
    Call(
        (M.ENERGY,),
        5,
        (lambda c: nvml.nvmlDeviceGetTotalEnergyConsumption(c) * MILLI,),
    ),
    Call(
        (M.SM_CLOCK,),
        5,
        (lambda c: nvml.nvmlDeviceGetClockInfo(c, nvml.NVML_CLOCK_SM),),
    ),
    Call(
        (M.MEMORY_CLOCK,),
        5,
        (lambda c: nvml.nvmlDeviceGetClockInfo(c, nvml.NVML_CLOCK_MEM),),
    ),
    Call((M.FAN,), 5, (nvml.nvmlDeviceGetFanSpeed,)),
    Call((M.PSTATE,), 5, (_pstate,)),
    Call(
        (M.MEMORY_TEMPERATURE,),
        5,
        (lambda c: _field(c, nvml.NVML_FI_DEV_MEMORY_TEMP),),
    ),
    Call(
        (M.POWER_LIMIT,),
        30,
        (
            lambda c: nvml.nvmlDeviceGetEnforcedPowerLimit(c) * MILLI,
            lambda c: nvml.nvmlDeviceGetPowerManagementLimit(c) * MILLI,
        ),
    ),
    Call((M.PCIE_GENERATION,), 60, (nvml.nvmlDeviceGetCurrPcieLinkGeneration,)),
    Call((M.PCIE_WIDTH,), 60, (nvml.nvmlDeviceGetCurrPcieLinkWidth,)),
    Call((M.ECC_CORRECTED,), 60, (lambda c: _ecc(c, CORRECTED),)),
    Call((M.ECC_UNCORRECTED,), 60, (lambda c: _ecc(c, UNCORRECTED),)),
    Call((M.ROWS_REMAPPED, M.ROWS_FAILED), 60, (_remapped, _retired)),
    Call((M.TEMPERATURE_LIMIT,), ONCE, (_limit, _slowdown_limit, _limit_by_margin)),
    Call(
        (M.SM_CLOCK_MOST,),
        ONCE,
        (lambda c: nvml.nvmlDeviceGetMaxClockInfo(c, nvml.NVML_CLOCK_SM),),
    ),
)


def most_power(card: Any) -> float | None:
    """What the card can be allowed at most, in watts; for telling nonsense by."""
    try:
        _, most = nvml.nvmlDeviceGetPowerManagementLimitConstraints(card)
    except nvml.NVMLError:
        return None
    return float(most) * MILLI
