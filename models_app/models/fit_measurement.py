"""A real load: what it took beside what was predicted for it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FitMeasurement(models.Model):
    """The newest of each model, as it was loaded on each server; bytes.

    `slots` are `stated` where somebody has said so, and else one. `seeming` is how many of
    them would explain what it took: such a load teaches nothing of others, nor does one
    of which it was not kept how much of what was predicted are `weights`.
    """

    engine = models.CharField(max_length=20)
    architecture = models.CharField(max_length=80)
    mark = models.CharField(max_length=100)
    quantization = models.CharField(max_length=40)
    cache = models.CharField(max_length=10)
    window = models.PositiveIntegerField(_("window, tokens"))
    slots = models.PositiveIntegerField(_("at once"), default=1)
    stated = models.BooleanField(default=False)
    seeming = models.PositiveIntegerField(null=True)
    predicted = models.PositiveBigIntegerField(_("predicted, bytes"))
    weights = models.PositiveBigIntegerField(null=True)
    measured = models.PositiveBigIntegerField(_("measured, bytes"))
    server = models.CharField(_("server"), max_length=80)
    measured_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=(
                    "engine",
                    "mark",
                    "quantization",
                    "cache",
                    "window",
                    "slots",
                    "server",
                ),
                name="one_measurement_of_each_load",
            ),
        )

    def __str__(self) -> str:
        return f"{self.mark[:12]} at {self.window}"
