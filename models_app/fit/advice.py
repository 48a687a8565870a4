"""What helps when a model does not fit, the cheapest first, each with its own sum."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Final

from models_app.fit.calibration import UNCALIBRATED, Calibration
from models_app.fit.estimate import Fit, Verdict, fit, sure_window
from models_app.fit.load import Cache, Engine, Load
from models_app.fit.machine import Machine
from models_app.fit.quantizations import GGUF_LADDER, VLLM_LADDER, weights_of
from models_app.fit.shape import Shape

SHORTEST: Final = 2048
"""A window below this is of no use to a conversation."""


class Remedy(StrEnum):
    """What can be done, from what costs nothing to what costs money."""

    QUANTIZED_CACHE = "quantized_cache"
    SHORTER_WINDOW = "shorter_window"
    SMALLER_QUANTIZATION = "smaller_quantization"
    TOGETHER = "together"
    SMALLER_MODEL = "smaller_model"
    OFFLOAD = "offload"
    SECOND_CARD = "second_card"


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another model that could stand in: its name for people, and its shape."""

    name: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Advice:
    """One remedy: the load it would be, and how that fits.

    `model` names the smaller model, if that is the remedy.
    """

    remedy: Remedy
    load: Load
    fit: Fit
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What one can choose from: quantizations on offer, and smaller models.

    No quantizations means every one that the engine knows.
    """

    quantizations: Sequence[str] = ()
    alternatives: Sequence[Alternative] = ()


def advice(
    shape: Shape,
    load: Load,
    machine: Machine,
    choices: Choices | None = None,
    calibration: Calibration = UNCALIBRATED,
) -> tuple[Advice, ...]:
    """What makes it fit, the cheapest first; nothing when it fits or is unknown."""
    answer = fit(shape, load, machine, calibration)
    if answer.verdict not in (Verdict.PARTIAL, Verdict.NO):
        return ()
    chosen = choices or Choices()
    free = tuple(
        chain(
            _with_quantized_cache(shape, load, machine, calibration),
            _with_shorter_window(shape, load, machine, calibration),
            _with_less_weight(shape, load, machine, chosen, calibration),
        )
    )
    return tuple(
        chain(
            free or _with_all_three(shape, load, machine, chosen, calibration),
            _with_smaller_model(shape, load, machine, chosen, calibration),
            _with_offload(load, machine, answer),
            _with_second_card(shape, load, machine, calibration),
        )
    )


def _helps(answer: Fit) -> bool:
    return answer.verdict in (Verdict.FITS, Verdict.TIGHT)


def _tried(
    remedy: Remedy,
    shape: Shape,
    load: Load,
    machine: Machine,
    calibration: Calibration,
    model: str = "",
) -> Iterator[Advice]:
    answer = fit(shape, load, machine, calibration)
    if _helps(answer):
        yield Advice(remedy, load, answer, model)


def _with_quantized_cache(
    shape: Shape, load: Load, machine: Machine, calibration: Calibration
) -> Iterator[Advice]:
    if load.kept == Cache.F16:
        wish = _quantized(load)
        yield from _tried(Remedy.QUANTIZED_CACHE, shape, wish, machine, calibration)


def _quantized(load: Load) -> Load:
    """The same with a cache of one byte an element, or as it is if it has less."""
    if load.kept != Cache.F16:
        return load
    smaller = Cache.FP8 if load.engine == Engine.VLLM else Cache.Q8_0
    return replace(load, cache=smaller, flash_attention=True)


def _with_shorter_window(
    shape: Shape, load: Load, machine: Machine, calibration: Calibration
) -> Iterator[Advice]:
    window = sure_window(shape, load, machine, calibration, least=SHORTEST)
    if SHORTEST <= window < load.window:
        wish = replace(load, window=window)
        yield from _tried(Remedy.SHORTER_WINDOW, shape, wish, machine, calibration)


def _with_less_weight(
    shape: Shape,
    load: Load,
    machine: Machine,
    choices: Choices,
    calibration: Calibration,
) -> Iterator[Advice]:
    """The best quantization that fits among those that weigh less."""
    for name in _lighter(shape, load, choices):
        wish = replace(load, quantization=name)
        found = tuple(
            _tried(Remedy.SMALLER_QUANTIZATION, shape, wish, machine, calibration)
        )
        if found:
            yield from found
            return


def _with_all_three(
    shape: Shape,
    load: Load,
    machine: Machine,
    choices: Choices,
    calibration: Calibration,
) -> Iterator[Advice]:
    """Where nothing helps alone: the whole window if possible, else the longest."""
    smaller = _quantized(load)
    names = (load.quantization, *_lighter(shape, load, choices))
    wishes = [replace(smaller, quantization=name) for name in names]
    windows = [
        sure_window(shape, each, machine, calibration, least=SHORTEST)
        for each in wishes
    ]
    for wish, window in zip(wishes, windows, strict=True):
        if window >= load.window:
            yield from _tried(Remedy.TOGETHER, shape, wish, machine, calibration)
            return
    longest = max(windows)
    if longest >= SHORTEST:
        wish = replace(wishes[windows.index(longest)], window=longest)
        yield from _tried(Remedy.TOGETHER, shape, wish, machine, calibration)


def _lighter(shape: Shape, load: Load, choices: Choices) -> list[str]:
    ladder = VLLM_LADDER if load.engine == Engine.VLLM else GGUF_LADDER
    offered = [each for each in ladder if each in (choices.quantizations or ladder)]
    sizes = {each: weights_of(shape, each) for each in {*offered, load.quantization}}
    known = {name: each.amount for name, each in sizes.items() if each}
    now = known.get(load.quantization, 0)
    lighter = [each for each in offered if known.get(each, now) < now]
    return sorted(lighter, key=lambda name: known[name], reverse=True)


def _with_smaller_model(
    shape: Shape,
    load: Load,
    machine: Machine,
    choices: Choices,
    calibration: Calibration,
) -> Iterator[Advice]:
    """The largest of the smaller models that fits."""
    smaller = [
        each
        for each in choices.alternatives
        if (each.shape.parameters or 0) < (shape.parameters or 0)
    ]
    smaller.sort(key=lambda each: each.shape.parameters or 0, reverse=True)
    for each in smaller:
        remedy = Remedy.SMALLER_MODEL
        found = tuple(_tried(remedy, each.shape, load, machine, calibration, each.name))
        if found:
            yield from found
            return


def _with_offload(load: Load, machine: Machine, answer: Fit) -> Iterator[Advice]:
    """Part of it in main memory: layers, or with vLLM so many bytes of weights."""
    if answer.verdict == Verdict.PARTIAL or (
        load.engine == Engine.VLLM and _ram_holds(machine, answer)
    ):
        yield Advice(Remedy.OFFLOAD, load, answer)


def _ram_holds(machine: Machine, answer: Fit) -> bool:
    if not answer.in_ram or any(each.shared for each in machine.cards):
        return False
    weights = answer.parts.weights or 0
    return answer.in_ram < weights and answer.in_ram <= (machine.ram or 0)


def _with_second_card(
    shape: Shape, load: Load, machine: Machine, calibration: Calibration
) -> Iterator[Advice]:
    """The same card once more, where there is one."""
    if len(machine.cards) == 1 and not machine.cards[0].shared:
        twice = replace(machine, cards=machine.cards * 2)
        yield from _tried(Remedy.SECOND_CARD, shape, load, twice, calibration)
