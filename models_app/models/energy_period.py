"""Energy that is added up for good: what is over is not read row by row again."""

from django.db import models

from models_app.models.node import Gpu


class EnergyPeriod(models.Model):
    """An hour or a day that is over, in Unix times; a day is one of some time zone.

    All that the cards took in it is in `cards`; without any, none has reported.
    `host_seconds`: for how long hosts with cards did, all together.
    """

    since = models.PositiveBigIntegerField()
    until = models.PositiveBigIntegerField()
    host_seconds = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("since", "until"), name="one_energy_of_each_period"
            ),
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("since")),
                name="energy_period_takes_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.since} to {self.until}"


class CardEnergy(models.Model):
    """What one card took in a period, in joules; None where nothing told.

    `measured` came from a counter; `idle` and `active` are of the time of which it is
    known how busy the card was.
    """

    period = models.ForeignKey(
        EnergyPeriod, models.CASCADE, related_name="cards", db_index=False
    )
    gpu = models.ForeignKey(Gpu, models.CASCADE, related_name="energy")
    joules = models.BigIntegerField(null=True)
    measured = models.BigIntegerField(default=0)
    idle = models.BigIntegerField(default=0)
    active = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("period", "gpu"), name="energy_of_a_card_once_a_period"
            ),
        )

    def __str__(self) -> str:
        return f"{self.gpu_id} in {self.period_id}"
