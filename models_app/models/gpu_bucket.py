"""The history of a card: what it did in each stretch of time.

Integers keep a row small (119 bytes of SQLite): the unit of each column stands with it.
A metric that was not known all that while is null; a stretch without a row is a gap.
"""

from django.db import models

from models_app.models.node import Gpu


def _some() -> "models.IntegerField[int | None, int | None]":
    return models.IntegerField(null=True)


class GpuBucket(models.Model):
    """One stretch, beginning at `bucket` (Unix time, a multiple of the step).

    `n` samples of those that were due. Utilisation, memory controller and fan in tenths
    of a percent, memory in MiB, temperatures in tenths of a degree, power in tenths of a
    watt, clock in MHz, energy in joules; `throttle` has every bit that was ever set.
    """

    bucket = models.PositiveBigIntegerField()
    n = models.PositiveIntegerField()
    util_avg, util_min, util_max = _some(), _some(), _some()
    memory_avg, memory_min, memory_max = _some(), _some(), _some()
    controller_avg, controller_min, controller_max = _some(), _some(), _some()
    temperature_avg, temperature_min, temperature_max = _some(), _some(), _some()
    memory_temperature_avg, memory_temperature_min, memory_temperature_max = (
        _some(),
        _some(),
        _some(),
    )
    power_avg, power_min, power_max = _some(), _some(), _some()
    sm_clock_avg, sm_clock_min, sm_clock_max = _some(), _some(), _some()
    fan_avg, fan_min, fan_max = _some(), _some(), _some()
    energy = models.BigIntegerField(null=True)
    energy_is_measured = models.BooleanField(default=True)
    throttle = models.BigIntegerField(default=0)

    class Meta:
        abstract = True
        constraints = (
            models.UniqueConstraint(
                fields=("gpu", "bucket"), name="%(class)s_once_a_stretch"
            ),
        )
        indexes = (models.Index(fields=("bucket",), name="%(class)s_by_time"),)


class TenSeconds(GpuBucket):
    """A day of it is kept."""

    STEP = 10
    gpu = models.ForeignKey(
        Gpu, models.CASCADE, related_name="ten_seconds", db_index=False
    )

    def __str__(self) -> str:
        return f"{self.gpu_id} at {self.bucket}"


class FiveMinutes(GpuBucket):
    """Ninety days of it are kept.

    Of its joules, `measured` came from a counter, and `idle` and `active` are of the ten
    seconds in which the card was idle or not; null where nobody knows.
    """

    STEP = 300
    measured = models.BigIntegerField(null=True)
    idle = models.BigIntegerField(null=True)
    active = models.BigIntegerField(null=True)
    gpu = models.ForeignKey(
        Gpu, models.CASCADE, related_name="five_minutes", db_index=False
    )

    def __str__(self) -> str:
        return f"{self.gpu_id} at {self.bucket}"
