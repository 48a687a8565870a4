"""What was measured beside what was predicted, and the corrections that follow.

The weights are the bytes of a file: no load of another model makes them fewer. What is
guessed is the rest, the cache as an engine lays it out, its buffers and its runtime. So a
load teaches how much its rest was wrong by, and that corrects the rest of others.

vLLM has none: it always takes the whole share of the card that it was given, so the
memory of its process says nothing of the sum.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final, Self

from models_app.fit.load import Cache, Engine, Load
from models_app.fit.parts import Parts
from models_app.fit.shape import Shape
from models_app.fit.sizes import GIB

ENOUGH: Final = 3
"""So many other models have to agree before they make an estimate surer."""
ALIKE: Final = 0.1
"""They agree when their rests were wrong by the same, give or take so much."""
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
    weights: int | None
    measured: int

    @property
    def ratio(self) -> float | None:
        """What was measured of all but the weights to what was predicted of it.

        Within bounds that a broken reading cannot leave; None where it says nothing.
        """
        if self.weights is None or not self.weights < self.predicted:
            return None
        ratio = (self.measured - self.weights) / (self.predicted - self.weights)
        return min(HIGHEST, max(LOWEST, ratio))


@dataclass(frozen=True, slots=True)
class Correction:
    """By how much all but the weights differs from the sum.

    It is `sure` where the same model was measured, or several that agree.
    """

    factor: float
    sure: bool


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

    def correction(self, shape: Shape, load: Load) -> Correction | None:
        """What loads of the same engine, architecture and cache teach; None without.

        The same model tells more than all others, of which each has one voice, however
        often it was loaded.
        """
        ratios: dict[str, list[float]] = {}
        for each in self.measurements:
            if each.ratio is not None and _is_alike(each, shape, load):
                ratios.setdefault(each.model, []).append(each.ratio)
        if shape.mark and shape.mark in ratios:
            return Correction(median(ratios[shape.mark]), sure=True)
        if not ratios:
            return None
        voices = [median(each) for each in ratios.values()]
        agreed = max(voices) - min(voices) <= 2 * ALIKE
        return Correction(median(voices), sure=len(voices) >= ENOUGH and agreed)

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


def _is_alike(each: Measurement, shape: Shape, load: Load) -> bool:
    return (
        each.engine == load.engine
        and each.architecture == shape.architecture
        and each.cache == load.kept
        and each.predicted >= TELLING
    )


def measurement_of(
    shape: Shape, load: Load, *, parts: Parts, measured: int
) -> Measurement:
    """What one load took, beside the parts that were predicted for it."""
    return Measurement(
        engine=load.engine,
        architecture=shape.architecture,
        model=shape.mark,
        quantization=load.quantization,
        cache=load.kept,
        window=load.window,
        slots=load.slots,
        predicted=parts.total or 0,
        weights=parts.weights,
        measured=measured,
    )


UNCALIBRATED: Final = Calibration()
