"""Whether a model fits, with the sum, how sure it is, and the longest window."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from models_app.fit.calibration import UNCALIBRATED, Calibration, Correction
from models_app.fit.kv_cache import cache_bytes
from models_app.fit.load import Engine, Load
from models_app.fit.machine import Machine
from models_app.fit.parts import PLAIN, Parts, Scale
from models_app.fit.placement import Placement, placed
from models_app.fit.shape import Missing, Shape

STEP: Final = 256
LONGEST: Final = 2**24
ROOMY: Final = 0.10

VLLM_ERROR: Final = 0.15
ROUGH_ERROR: Final = 0.08
EXACT_ERROR: Final = 0.05
CALIBRATED_ERROR: Final = 0.03
MEASURED_ERROR: Final = 0.01


class Verdict(StrEnum):
    """Tight leaves less than a tenth of the budget; partial puts layers into RAM."""

    FITS = "fits"
    TIGHT = "tight"
    PARTIAL = "partial"
    NO = "no"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """How the sum came about, the surest first."""

    MEASURED = "measured"
    CALIBRATED = "calibrated"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The answer for one model, one load, one machine.

    `need` is the sum of the parts, which are corrected, or what was measured; None when
    an input is `missing`. `cards` is how many carry it, 0 for the processor. `layers` of
    `all_layers` go on the cards, `in_ram` bytes do not. `largest_window` is the longest
    that fits on the cards, at most the trained context; 0 for none, None when unknown.
    `sequences` (vLLM) is how many whole windows its pool holds.
    """

    verdict: Verdict
    parts: Parts
    need: int | None
    budget: int
    cards: int
    window: int
    slots: int
    error: float
    source: Source
    layers: int | None = None
    all_layers: int | None = None
    in_ram: int = 0
    largest_window: int | None = None
    beyond_trained: bool = False
    sequences: float | None = None
    missing: tuple[Missing, ...] = ()
    noted: tuple[Missing, ...] = ()

    @property
    def range(self) -> tuple[int, int] | None:
        """The least and the most that it may take, by the stated error."""
        if self.need is None:
            return None
        return round(self.need * (1 - self.error)), round(self.need * (1 + self.error))


def fit(
    shape: Shape,
    load: Load,
    machine: Machine,
    calibration: Calibration = UNCALIBRATED,
) -> Fit:
    """Whether the model fits the machine so loaded, and all that is known of it."""
    answer = _answer(shape, load, machine, calibration)
    window = largest_window(shape, load, machine, calibration)
    return replace(answer, largest_window=window)


def largest_window(
    shape: Shape,
    load: Load,
    machine: Machine,
    calibration: Calibration = UNCALIBRATED,
    *,
    margin: float = 0.0,
) -> int | None:
    """The longest window that fits the cards whole, in steps of 256 tokens.

    Never longer than what the model was trained for; 0 when not even the shortest
    fits, None when an input is missing. A `margin` makes it fit even if it takes so
    much more than estimated.
    """
    scale = _scale(calibration.correction(shape, load)).wider(margin)

    def whole(steps: int) -> bool:
        longer = replace(load, window=steps * STEP)
        return placed(shape, longer, machine, scale).whole

    if placed(shape, load, machine, scale).need is None:
        return None
    fitting, failing = 0, (shape.trained_context or LONGEST) // STEP + 1
    while failing - fitting > 1:
        middle = (fitting + failing) // 2
        fitting, failing = (middle, failing) if whole(middle) else (fitting, middle)
    return fitting * STEP


def sure_window(
    shape: Shape,
    load: Load,
    machine: Machine,
    calibration: Calibration = UNCALIBRATED,
    *,
    least: int = STEP,
) -> int:
    """The longest window that fits in spite of the stated error.

    Where that is shorter than `least`, the longest that fits if the estimate is right.
    """
    answer = fit(shape, load, machine, calibration)
    sure = largest_window(shape, load, machine, calibration, margin=answer.error)
    longest = answer.largest_window or 0
    return sure if sure is not None and sure >= least else longest


def _answer(
    shape: Shape, load: Load, machine: Machine, calibration: Calibration
) -> Fit:
    correction = calibration.correction(shape, load)
    scale = _scale(correction)
    place = placed(shape, load, machine, scale)
    measured = calibration.measured(shape, load)
    told = None if measured is None else _measured_scale(place, scale, measured)
    if told is not None:
        place = placed(shape, load, machine, told)
    source = _source(told, correction)
    missing = place.counted.missing
    return Fit(
        verdict=_verdict(place, machine),
        parts=place.counted.parts,
        need=None if missing else place.need,
        budget=place.budget,
        cards=place.cards,
        window=load.window,
        slots=load.slots,
        error=_error(place, load, source, correction),
        source=source,
        layers=place.layers,
        all_layers=shape.layers,
        in_ram=place.in_ram,
        beyond_trained=_is_beyond(shape, load),
        sequences=_sequences(place, shape, load),
        missing=missing,
        noted=shape.noted,
    )


def _scale(correction: Correction | None) -> Scale:
    return PLAIN if correction is None else Scale(rest=correction.factor)


def _measured_scale(place: Placement, scale: Scale, measured: int) -> Scale | None:
    """What makes a sum that was scaled so into what the same load took before.

    None where it is said to have taken less than its weights: not all of it was told.
    """
    parts = place.counted.parts
    if place.need is None or not parts.rest or measured < (parts.weights or 0):
        return None
    return Scale(rest=scale.rest * (measured - (parts.weights or 0)) / parts.rest)


def _source(told: Scale | None, correction: Correction | None) -> Source:
    if told is not None:
        return Source.MEASURED
    return Source.ESTIMATED if correction is None else Source.CALIBRATED


def _verdict(place: Placement, machine: Machine) -> Verdict:
    if Missing.CARD in place.counted.missing:
        return Verdict.NO
    if place.counted.missing or place.need is None:
        return Verdict.UNKNOWN
    if place.whole:
        roomy = place.need <= place.budget * (1 - ROOMY)
        return Verdict.FITS if roomy else Verdict.TIGHT
    return Verdict.PARTIAL if _is_partial(place, machine) else Verdict.NO


def _is_partial(place: Placement, machine: Machine) -> bool:
    """Whether some layers go on the cards and main memory, not the same, has the rest."""
    if not place.layers or any(each.shared for each in machine.cards):
        return False
    return machine.ram is None or place.in_ram <= machine.ram


def _error(
    place: Placement, load: Load, source: Source, correction: Correction | None
) -> float:
    if source == Source.MEASURED:
        return MEASURED_ERROR
    if correction is not None and correction.sure and place.counted.exact:
        return CALIBRATED_ERROR
    if load.engine == Engine.VLLM:
        return VLLM_ERROR
    return EXACT_ERROR if place.counted.exact else ROUGH_ERROR


def _is_beyond(shape: Shape, load: Load) -> bool:
    return shape.trained_context is not None and load.window > shape.trained_context


def _sequences(place: Placement, shape: Shape, load: Load) -> float | None:
    one = cache_bytes(shape, replace(load, slots=1))
    parts = place.counted.parts
    if load.engine != Engine.VLLM or isinstance(one, Missing) or not parts.cache:
        return None
    if place.need is None:
        return None
    pool = place.budget - (place.need - parts.cache)
    return max(0.0, pool / (parts.cache / load.slots))
