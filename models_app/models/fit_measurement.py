"""What a model really took in memory, beside what was predicted for it."""

from django.db import models
from django.utils import timezone

from models_app.fit.calibration import Measurement
from models_app.fit.load import Cache, Engine
from models_app.models.backend import Backend


class FitMeasurement(models.Model):
    """The last load of one model with one window on one kind of server.

    `predicted` is the sum before any correction, both amounts are bytes.
    """

    backend = models.ForeignKey(
        Backend, models.SET_NULL, null=True, related_name="measurements"
    )
    mark = models.CharField(max_length=100)
    window = models.PositiveIntegerField()
    engine = models.CharField(max_length=20)
    architecture = models.CharField(max_length=80, blank=True)
    quantization = models.CharField(max_length=40, blank=True)
    cache = models.CharField(max_length=10)
    slots = models.PositiveSmallIntegerField()
    predicted = models.PositiveBigIntegerField()
    measured = models.PositiveBigIntegerField()
    measured_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["mark", "window", "engine"],
                name="one_measurement_per_mark_window_and_engine",
            ),
            models.CheckConstraint(
                condition=models.Q(predicted__gt=0, measured__gt=0),
                name="a_measurement_is_of_something",
            ),
        )

    def __str__(self) -> str:
        return self.mark

    @property
    def measurement(self) -> Measurement:
        """It, as a calibration takes it."""
        return Measurement(
            engine=Engine(self.engine),
            architecture=self.architecture,
            model=self.mark,
            quantization=self.quantization,
            cache=Cache(self.cache),
            window=self.window,
            slots=self.slots,
            predicted=self.predicted,
            measured=self.measured,
        )
