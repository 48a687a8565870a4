"""Every number that is read of a card or a host: its unit, its range, and why it may lack."""

from dataclasses import dataclass
from enum import StrEnum


class Metric(StrEnum):
    """Of a card, or of a MIG instance of it."""

    UTIL = "util"
    CONTROLLER = "controller"
    MEMORY_USED = "memory_used"
    MEMORY_TOTAL = "memory_total"
    TEMPERATURE = "temperature"
    TEMPERATURE_LIMIT = "temperature_limit"
    MEMORY_TEMPERATURE = "memory_temperature"
    POWER = "power"
    POWER_LIMIT = "power_limit"
    ENERGY = "energy"
    SM_CLOCK = "sm_clock"
    SM_CLOCK_MOST = "sm_clock_most"
    MEMORY_CLOCK = "memory_clock"
    FAN = "fan"
    THROTTLE = "throttle"
    PSTATE = "pstate"
    PCIE_GENERATION = "pcie_generation"
    PCIE_WIDTH = "pcie_width"
    ECC_CORRECTED = "ecc_corrected"
    ECC_UNCORRECTED = "ecc_uncorrected"
    ROWS_REMAPPED = "rows_remapped"
    ROWS_FAILED = "rows_failed"


class HostMetric(StrEnum):
    """Of a host as a whole."""

    CPU = "cpu"
    LOAD = "load"
    CORES = "cores"
    MEMORY_TOTAL = "memory_total"
    MEMORY_AVAILABLE = "memory_available"
    SWAP_USED = "swap_used"
    DISK_TOTAL = "disk_total"
    DISK_FREE = "disk_free"
    TEMPERATURE = "temperature"


class Reason(StrEnum):
    """Why a number is missing; `models_app/reasons…` has the sentence for each."""

    NOT_SUPPORTED = "not-supported"
    NO_PERMISSION = "no-permission"
    OLD_DRIVER = "old-driver"
    SHARED_MEMORY = "shared-memory"
    LOST = "lost"
    SLOW = "slow"
    NONSENSE = "nonsense"
    NOT_YET = "not-yet"
    FAILED = "failed"


class DriverState(StrEnum):
    """What the driver of a host said when it was opened."""

    OK = "ok"
    NO_NVIDIA = "no-nvidia"
    DRIVER_DOWN = "driver-down"
    REBOOT_NEEDED = "reboot-needed"
    CONTAINER_LOST_GPU = "container-lost-gpu"
    STUCK = "stuck"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Range:
    """What is plausible of a metric, in its unit; a driver may say nonsense."""

    unit: str
    most: float
    least: float = 0

    def has(self, value: float) -> bool:
        return self.least <= value <= self.most


PETABYTE = 2.0**50
RANGES: dict[Metric, Range] = {
    Metric.UTIL: Range("%", 100),
    Metric.CONTROLLER: Range("%", 100),
    Metric.MEMORY_USED: Range("B", PETABYTE),
    Metric.MEMORY_TOTAL: Range("B", PETABYTE),
    Metric.TEMPERATURE: Range("°C", 200, least=-50),
    Metric.TEMPERATURE_LIMIT: Range("°C", 200, least=-50),
    Metric.MEMORY_TEMPERATURE: Range("°C", 200, least=-50),
    Metric.POWER: Range("W", 5_000),
    Metric.POWER_LIMIT: Range("W", 5_000),
    Metric.ENERGY: Range("J", 1e13),
    Metric.SM_CLOCK: Range("MHz", 20_000),
    Metric.SM_CLOCK_MOST: Range("MHz", 20_000),
    Metric.MEMORY_CLOCK: Range("MHz", 50_000),
    Metric.FAN: Range("%", 200),
    Metric.THROTTLE: Range("mask", 2.0**53),
    Metric.PSTATE: Range("", 32),
    Metric.PCIE_GENERATION: Range("", 20),
    Metric.PCIE_WIDTH: Range("", 128),
    Metric.ECC_CORRECTED: Range("", 2.0**53),
    Metric.ECC_UNCORRECTED: Range("", 2.0**53),
    Metric.ROWS_REMAPPED: Range("", 2.0**53),
    Metric.ROWS_FAILED: Range("", 2.0**53),
}
"""`UTIL` is the share of the last second in which any kernel ran ("time busy"), not how
much of the card was used; `CONTROLLER` is memory bandwidth activity, not fill. `ENERGY`
counts joules since the driver was loaded. `THROTTLE` is NVML's bit mask of reasons."""

HOST_RANGES: dict[HostMetric, Range] = {
    HostMetric.CPU: Range("%", 100),
    HostMetric.LOAD: Range("", 1e6),
    HostMetric.CORES: Range("", 2.0**16, least=1),
    HostMetric.MEMORY_TOTAL: Range("B", PETABYTE),
    HostMetric.MEMORY_AVAILABLE: Range("B", PETABYTE),
    HostMetric.SWAP_USED: Range("B", PETABYTE),
    HostMetric.DISK_TOTAL: Range("B", 1024 * PETABYTE),
    HostMetric.DISK_FREE: Range("B", 1024 * PETABYTE),
    HostMetric.TEMPERATURE: Range("°C", 200, least=-50),
}
"""`CPU` is of all cores together, and `LOAD` the mean of the last minute."""
