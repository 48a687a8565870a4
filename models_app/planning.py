"""What a model of the catalogue would need on the hardware that somebody plans for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.adapters import ADAPTERS
from models_app.catalogue.commands import Command, commands_for
from models_app.catalogue.commands import Wish as CommandWish
from models_app.catalogue.entry import (
    Entry,
    Purpose,
    Size,
    alternatives_to,
    shape_of,
    size_of,
)
from models_app.catalogue.sources import source_told
from models_app.catalogue.validation import VLLM_QUANTIZATIONS
from models_app.fit.advice import Choices, advice
from models_app.fit.calibration import UNCALIBRATED, Calibration
from models_app.fit.estimate import Fit, Verdict, fit
from models_app.fit.load import Engine, Load
from models_app.fit.parts import Parts
from models_app.fit.shape import Shape
from models_app.fit.words import (
    advice_told,
    notes_told,
    sureness_told,
    verdict_told,
    window_told,
)
from models_app.hardware import Hardware

SHORT = {
    Verdict.FITS: gettext_noop("fits"),
    Verdict.TIGHT: gettext_noop("tight"),
    Verdict.PARTIAL: gettext_noop("partly"),
    Verdict.NO: gettext_noop("does not fit"),
    Verdict.UNKNOWN: gettext_noop("unknown"),
}
PURPOSES = {
    Purpose.CHAT: gettext_noop("Chat"),
    Purpose.CODE: gettext_noop("Code"),
    Purpose.LONG_CONTEXT: gettext_noop("Long context"),
    Purpose.SMALL: gettext_noop("Small"),
}
PARTS = {
    "weights": gettext_noop("weights"),
    "cache": gettext_noop("cache of the window"),
    "compute": gettext_noop("computing"),
    "runtime": gettext_noop("runtime"),
}
QUANTIZATIONS = ("Q4_K_M", "Q5_K_M", "Q8_0", "F16", "AWQ", "FP8")
NEAREST = {
    "Q4_K_M": ("AWQ",),
    "Q5_K_M": ("AWQ",),
    "Q8_0": ("FP8",),
    "AWQ": ("Q4_K_M",),
    "FP8": ("Q8_0",),
}
"""Of so many bits as well, for servers that keep no files of this sort."""
GOOD = (Verdict.FITS, Verdict.TIGHT)
STATES = {
    Verdict.FITS: "ok",
    Verdict.TIGHT: "warn",
    Verdict.PARTIAL: "warn",
    Verdict.NO: "bad",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody would like to run, and on what."""

    hardware: Hardware = field(default_factory=Hardware)
    quantization: str = "Q4_K_M"
    window: int = 8192
    slots: int = 1
    engine: Engine | None = None

    @property
    def load(self) -> Load:
        """As a server would be told; what no GGUF file is kept in runs on vLLM only."""
        only_vllm = self.quantization in VLLM_QUANTIZATIONS - {"F16"}
        usual = Engine.VLLM if only_vllm else Engine.OLLAMA
        return Load(
            engine=self.engine or usual,
            window=self.window,
            quantization=self.quantization,
            slots=self.slots,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the bar: its bytes, and where it lies in parts of a thousand."""

    name: str
    amount: int
    start: float
    width: float

    @property
    def label(self) -> str:
        return _(PARTS[self.name])


@dataclass(frozen=True, slots=True)
class Planned:
    """One model under a plan: its size, whether it fits, and that in words."""

    fit: Fit
    entry: Entry | None = None
    size: Size | None = None
    quantization: str = ""

    @property
    def short(self) -> str:
        return _(SHORT[self.fit.verdict])

    @property
    def sentence(self) -> str:
        return verdict_told(self.fit)

    @property
    def purposes(self) -> list[str]:
        found = self.entry.purposes if self.entry else ()
        return [_(PURPOSES[each]) for each in found]

    @property
    def bar(self) -> list[Part]:
        """The sum by part, as far as it is known, against the budget or the need."""
        return list(_stretches(self.fit.parts, self._whole))

    @property
    def limit(self) -> float:
        """Where the budget ends within the bar; 0 where all of it is within."""
        if self.fit.budget >= self._whole:
            return 0
        return round(self.fit.budget / self._whole * 1000, 1)

    @property
    def _whole(self) -> int:
        known = sum(_amounts(self.fit.parts).values())
        return max(self.fit.budget, self.fit.need or 0, known, 1)

    @property
    def sureness(self) -> str:
        return sureness_told(self.fit)

    @property
    def source(self) -> str:
        return source_told(self.entry.source) if self.entry else ""

    @property
    def window_told(self) -> str:
        return window_told(self.fit)

    @property
    def notes(self) -> list[str]:
        return notes_told(self.fit)

    @property
    def state(self) -> str:
        if self.fits and self.fit.beyond_trained:
            return "warn"
        return STATES.get(self.fit.verdict, "")

    @property
    def fits(self) -> bool:
        return self.fit.verdict in GOOD


@dataclass(frozen=True, slots=True)
class Remedied:
    """Something that helps, in words."""

    sentence: str
    sureness: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What to type on one kind of server, or why it would not run there."""

    engine_name: str
    quantization: str
    name: str
    text: str
    note: str
    short: str


def planned(
    entry: Entry, plan: Plan, calibration: Calibration = UNCALIBRATED
) -> Planned:
    answer = fit(shape_of(entry), plan.load, plan.hardware.machine, calibration)
    name = plan.quantization
    return Planned(answer, entry, size_of(entry, name), name)


def planned_all(
    entries: Sequence[Entry],
    plan: Plan,
    calibration: Calibration = UNCALIBRATED,
    *,
    purpose: str = "",
    fitting: bool = False,
) -> list[Planned]:
    """Those for a purpose, if one is named; of these the fitting ones alone, if wished."""
    wanted = [
        each
        for each in entries
        if not purpose or purpose in [str(one) for one in each.purposes]
    ]
    rows = [planned(each, plan, calibration) for each in wanted]
    return [each for each in rows if each.fits or not fitting]


def advice_on(
    shape: Shape,
    plan: Plan,
    choices: Choices,
    calibration: Calibration = UNCALIBRATED,
) -> list[Remedied]:
    """What helps with a model of this shape, the cheapest first, each in words."""
    machine = plan.hardware.machine
    given = advice(shape, plan.load, machine, choices, calibration)
    return [Remedied(advice_told(each), sureness_told(each.fit)) for each in given]


def advice_for(
    entry: Entry,
    entries: Sequence[Entry],
    plan: Plan,
    calibration: Calibration = UNCALIBRATED,
) -> list[Remedied]:
    """What helps where it does not fit: other quantizations and models as well."""
    choices = choices_for(entry, entries)
    return advice_on(shape_of(entry), plan, choices, calibration)


def choices_for(entry: Entry | None, entries: Sequence[Entry]) -> Choices:
    """What one can choose from; of a model without an entry, what its engine knows."""
    if entry is None:
        return Choices()
    return Choices(
        quantizations=tuple(entry.sizes),
        alternatives=alternatives_to(entry, tuple(entries)),
    )


def commands_of(
    entry: Entry, plan: Plan, calibration: Calibration = UNCALIBRATED
) -> list[Typed]:
    """What to type for the quantization, and for the nearest one where it is not kept."""
    typed: dict[str, Typed] = {}
    for quantization in (plan.quantization, *NEAREST.get(plan.quantization, ())):
        wish = CommandWish(
            quantization=quantization, window=plan.window, slots=plan.slots
        )
        for each in commands_for(entry, wish, plan.hardware.machine, calibration):
            typed.setdefault(each.engine, _typed(each, quantization))
    return list(typed.values())


def _typed(command: Command, quantization: str) -> Typed:
    return Typed(
        engine_name=ADAPTERS[command.engine].label,
        quantization=quantization,
        name=command.name,
        text=command.text,
        note=command.note,
        short=_(SHORT[command.fit.verdict]) if command.fit else "",
    )


def ladder_of(
    entry: Entry, plan: Plan, calibration: Calibration = UNCALIBRATED
) -> list[Planned]:
    """The model in each quantization that some server can be told to fetch."""
    names = [each for each in QUANTIZATIONS if each in entry.quantizations]
    return [
        planned(entry, replace(plan, quantization=each), calibration) for each in names
    ]


def _amounts(parts: Parts) -> dict[str, int]:
    """The parts as the bar shows them; what is not known takes no room."""
    return {
        "weights": parts.weights or 0,
        "cache": parts.cache or 0,
        "compute": parts.compute or 0,
        "runtime": parts.runtime + parts.extra,
    }


def _stretches(parts: Parts, whole: int) -> Iterator[Part]:
    start = 0.0
    for name, amount in _amounts(parts).items():
        width = round(amount / whole * 1000, 1)
        if amount:
            yield Part(name, amount, round(start, 1), width)
        start += width
