"""What was measured beside what was predicted, and the corrections that follow.

vLLM has none: it always takes the whole share of the card that it was given, so the
memory of its process says nothing of the sum.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final, Self

from models_app.fit.load import Cache, Engine, Load
from models_app.fit.shape import Shape
from models_app.fit.sizes import GIB

LOWEST: Final = 0.85
HIGHEST: Final = 1.3
TELLING: Final = GIB
"""What is predicted to take less is mostly buffers, and teaches nothing of other models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One real load: the memory it took, and the uncorrected sum predicted for it.

    `model` is the digest or whatever else tells this file from all others.
    """

    engine: Engine
    architecture: str
    model: str
    quantization: str
    cache: Cache
    window: int
    slots: int
    predicted: int
    measured: int

    @property
    def ratio(self) -> float:
        """Measured to predicted, within bounds that a broken reading cannot leave."""
        return min(HIGHEST, max(LOWEST, self.measured / self.predicted))


@dataclass(frozen=True, slots=True)
class Calibration:
    """All measurements, the newest last."""

    measurements: tuple[Measurement, ...] = ()

    @classmethod
    def of(cls, measurements: Iterable[Measurement]) -> Self:
        """Those that can be used: a load of nothing teaches nothing."""
        return cls(
            tuple(
                each
                for each in measurements
                if each.predicted > 0
                and each.measured > 0
                and each.engine != Engine.VLLM
            )
        )

    def factor(self, shape: Shape, load: Load) -> float | None:
        """The middle ratio of the same engine, architecture and cache; None without."""
        ratios = [
            each.ratio
            for each in self.measurements
            if each.engine == load.engine
            and each.architecture == shape.architecture
            and each.cache == load.kept
            and each.predicted >= TELLING
        ]
        return median(ratios) if ratios else None

    def measured(self, shape: Shape, load: Load) -> int | None:
        """The memory that the same model took with the same load, last time."""
        return next(
            (
                each.measured
                for each in reversed(self.measurements)
                if shape.mark and self._is_same(each, shape, load)
            ),
            None,
        )

    @staticmethod
    def _is_same(each: Measurement, shape: Shape, load: Load) -> bool:
        return (
            each.engine,
            each.model,
            each.quantization,
            each.cache,
            each.window,
            each.slots,
        ) == (
            load.engine,
            shape.mark,
            load.quantization,
            load.kept,
            load.window,
            load.slots,
        )


def measurement_of(
    shape: Shape, load: Load, *, predicted: int, measured: int
) -> Measurement:
    """What one load took, beside the total of the parts that were predicted for it."""
    return Measurement(
        engine=load.engine,
        architecture=shape.architecture,
        model=shape.mark,
        quantization=load.quantization,
        cache=load.kept,
        window=load.window,
        slots=load.slots,
        predicted=predicted,
        measured=measured,
    )


UNCALIBRATED: Final = Calibration()
