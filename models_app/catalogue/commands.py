"""What to type on each kind of server to get a model, filled in for the machine."""

import shlex
from dataclasses import dataclass, replace
from typing import Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.catalogue.entry import Entry, shape_of
from models_app.fit.calibration import UNCALIBRATED, Calibration
from models_app.fit.estimate import STEP, Fit, fit, sure_window
from models_app.fit.load import Cache, Engine, Load
from models_app.fit.machine import Machine
from models_app.fit.placement import utilization
from models_app.fit.shape import Shape
from models_app.fit.words import is_sure, verdict_told

METHODS: Final = {"AWQ": "awq", "FP8": "fp8"}
"""What vLLM calls a quantization; F16 needs no word."""

OLLAMA_CACHE: Final = gettext_noop(
    "Start Ollama with OLLAMA_FLASH_ATTENTION=1 and OLLAMA_KV_CACHE_TYPE=q8_0; that "
    "holds for all its models."
)
LMSTUDIO_CACHE: Final = gettext_noop(
    "Choose flash attention and a cache of q8_0 for keys and values in the settings of "
    "the model."
)
TRAINED: Final = gettext_noop(
    "The window is shortened to %(window)s tokens: the model was trained for no longer."
)
SURE: Final = gettext_noop(
    "The window is shortened to %(window)s tokens, so that it fits even if the estimate "
    "is %(percent)s%% too low."
)
LONGEST: Final = gettext_noop(
    "The window is shortened to %(window)s tokens: no longer one fits."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to type: `text` for a shell, `name` for a search box or a pull by HTTP.

    `text` is empty where it would not run, and `note` then says why.
    """

    engine: Engine
    name: str
    text: str
    note: str = ""
    fit: Fit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody chose: a quantization, a window, how many at once, what cache."""

    quantization: str
    window: int
    slots: int = 1
    quantized_cache: bool = False


def commands_for(
    entry: Entry,
    wish: Wish,
    machine: Machine,
    calibration: Calibration = UNCALIBRATED,
) -> tuple[Command, ...]:
    """A command for each kind of server that has the quantization."""
    commands = []
    if name := entry.ollama.get(wish.quantization):
        commands.append(_ollama(entry, wish, machine, calibration, name))
    if name := entry.lmstudio.get(wish.quantization):
        commands.append(_lmstudio(entry, wish, machine, calibration, name))
    if name := entry.vllm.get(wish.quantization):
        commands.append(_vllm(entry, wish, machine, name))
    return tuple(commands)


def load_of(wish: Wish, engine: Engine) -> Load:
    """The load that a wish is on this kind of server."""
    quantized = Cache.FP8 if engine == Engine.VLLM else Cache.Q8_0
    cache = quantized if wish.quantized_cache else Cache.F16
    return Load(
        engine=engine,
        window=wish.window,
        quantization=wish.quantization,
        slots=wish.slots,
        cache=cache,
    )


def _ollama(
    entry: Entry, wish: Wish, machine: Machine, calibration: Calibration, name: str
) -> Command:
    load = load_of(wish, Engine.OLLAMA)
    return Command(
        engine=Engine.OLLAMA,
        name=name,
        text=shlex.join(["ollama", "pull", name]),
        note=_(OLLAMA_CACHE) if wish.quantized_cache else "",
        fit=fit(shape_of(entry), load, machine, calibration),
    )


def _lmstudio(
    entry: Entry, wish: Wish, machine: Machine, calibration: Calibration, name: str
) -> Command:
    load = load_of(wish, Engine.LMSTUDIO)
    address = f"https://huggingface.co/{name}@{wish.quantization.lower()}"
    return Command(
        engine=Engine.LMSTUDIO,
        name=name,
        text=shlex.join(["lms", "get", address]),
        note=_(LMSTUDIO_CACHE) if wish.quantized_cache else "",
        fit=fit(shape_of(entry), load, machine, calibration),
    )


def _vllm(entry: Entry, wish: Wish, machine: Machine, name: str) -> Command:
    shape, load = shape_of(entry), load_of(wish, Engine.VLLM)
    answer = fit(shape, load, machine)
    fits = wish.window <= (answer.largest_window or 0)
    window = wish.window if fits else sure_window(shape, load, machine)
    if not window:
        note = verdict_told(answer)
        return Command(engine=Engine.VLLM, name=name, text="", note=note, fit=answer)
    shorter = replace(load, window=window)
    shown = fit(shape, shorter, machine)
    return Command(
        engine=Engine.VLLM,
        name=name,
        text=shlex.join(_vllm_words(name, shorter, machine, answer.cards)),
        note=_shortened(wish, shape, shown),
        fit=shown,
    )


def _vllm_words(name: str, load: Load, machine: Machine, cards: int) -> list[str]:
    method = METHODS.get(load.quantization)
    return [
        *("vllm", "serve", name),
        *("--tensor-parallel-size", str(cards)),
        *(("--quantization", method) if method else ()),
        *("--max-model-len", str(load.window)),
        *(("--kv-cache-dtype", "fp8") if load.cache == Cache.FP8 else ()),
        *("--gpu-memory-utilization", f"{utilization(load, machine):.2f}"),
    ]


def _shortened(wish: Wish, shape: Shape, answer: Fit) -> str:
    """Why the window is shorter than was wished; empty where it is not."""
    if answer.window >= wish.window:
        return ""
    facts = {
        "window": number_format(answer.window, 0, force_grouping=True),
        "percent": number_format(round(answer.error * 100), 0),
    }
    if shape.trained_context and answer.window >= shape.trained_context // STEP * STEP:
        return _(TRAINED) % facts
    return _(SURE if is_sure(answer) else LONGEST) % facts
