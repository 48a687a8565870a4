"""Every parameter of a Modelfile: its type, and what is usual for it.

The one table of names and types: the parser's conversion, the fields of a preset and the
editor read it.
"""

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isinf
from typing import Final

from models_app.adapters.base import ParameterValue


class Type(StrEnum):
    WHOLE = "whole"
    NUMBER = "number"
    SWITCH = "switch"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Parameter:
    """Its type, and between what its value usually is; None where anything goes."""

    type: Type
    least: float | None = None
    most: float | None = None


PARAMETERS: Final[Mapping[str, Parameter]] = {
    "temperature": Parameter(Type.NUMBER, 0, 2),
    "top_p": Parameter(Type.NUMBER, 0, 1),
    "top_k": Parameter(Type.WHOLE, -1),
    "min_p": Parameter(Type.NUMBER, 0, 1),
    "typical_p": Parameter(Type.NUMBER, 0, 1),
    "repeat_penalty": Parameter(Type.NUMBER, 0.01, 2),
    "repeat_last_n": Parameter(Type.WHOLE, -1),
    "presence_penalty": Parameter(Type.NUMBER, -2, 2),
    "frequency_penalty": Parameter(Type.NUMBER, -2, 2),
    "stop": Parameter(Type.TEXTS),
    "seed": Parameter(Type.WHOLE),
    "num_predict": Parameter(Type.WHOLE, -2),
    "num_ctx": Parameter(Type.WHOLE, 4),
    "num_keep": Parameter(Type.WHOLE, -1),
    "num_batch": Parameter(Type.WHOLE, 1),
    "num_gpu": Parameter(Type.WHOLE, -1),
    "main_gpu": Parameter(Type.WHOLE, 0),
    "num_thread": Parameter(Type.WHOLE, 0),
    "use_mmap": Parameter(Type.SWITCH),
    "draft_num_predict": Parameter(Type.WHOLE, 0),
}
DEPRECATED: Final = frozenset(
    {
        "penalize_newline",
        "low_vram",
        "f16_kv",
        "logits_all",
        "vocab_only",
        "use_mlock",
        "mirostat",
        "mirostat_tau",
        "mirostat_eta",
    }
)
SWITCHES: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
WHOLE = re.compile(r"[+-]?[0-9]{1,400}")
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,400})?")
LARGEST = 2**63
FLOAT32_DIGITS = 9
"""So many always tell one 32-bit number from the next."""


class Unreadable(ValueError):
    """No value of that type."""


class TooLong(Unreadable):
    """A whole number that has no room in 64 bits."""


def value_of(kind: Type, text: str) -> ParameterValue:
    """A value as Ollama would read it, or `Unreadable`."""
    match kind:
        case Type.TEXTS:
            return [text]
        case Type.SWITCH:
            return _switch(text)
        case Type.WHOLE:
            return _whole(text)
        case Type.NUMBER:
            return _number(text)


def fits(name: str, given: object) -> bool:
    """Whether a value out of JSON is one that this parameter can have."""
    kind = PARAMETERS[name].type
    if kind is Type.TEXTS:
        return isinstance(given, list) and all(isinstance(each, str) for each in given)
    if kind is Type.SWITCH or isinstance(given, bool):
        return kind is Type.SWITCH and isinstance(given, bool)
    return isinstance(given, int if kind is Type.WHOLE else int | float)


def is_usual(name: str, value: ParameterValue) -> bool:
    known = PARAMETERS[name]
    if isinstance(value, str | Sequence):
        return True
    below = known.least is not None and value < known.least
    return not below and not (known.most is not None and value > known.most)


def _switch(text: str) -> bool:
    if text not in SWITCHES:
        raise Unreadable
    return SWITCHES[text]


def _whole(text: str) -> int:
    if not WHOLE.fullmatch(text):
        raise Unreadable
    if not -LARGEST <= int(text) < LARGEST:
        raise TooLong
    return int(text)


def _number(text: str) -> float:
    """The shortest number that is the same one in the 32 bits that Ollama gives it."""
    if not DECIMAL.fullmatch(text):
        raise Unreadable
    exact = float(text)
    bits = _float32(exact)
    if bits is None:
        raise Unreadable
    for digits in range(1, FLOAT32_DIGITS):
        short = float(f"{exact:.{digits}g}")
        if _float32(short) == bits:
            return short
    return float(f"{exact:.{FLOAT32_DIGITS}g}")


def _float32(value: float) -> bytes | None:
    """The number in 32 bits; None for one that is too large for them."""
    try:
        return None if isinf(value) else struct.pack("<f", value)
    except OverflowError:
        return None
