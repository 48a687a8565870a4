"""Reading one field of an entry, out of JSON or out of a form where all is text."""

import re
from collections.abc import Mapping
from typing import Any, Final

from models_app.catalogue.entry import Purpose, Size, SizeBasis

YES: Final = frozenset({"true", "yes", "on", "1"})
NO: Final = frozenset({"false", "no", "off", "0"})


class Unreadable(ValueError):
    """What was written is not of the form that its field wants."""


def text(value: object) -> str:
    """A text without the blanks around it; empty when there is none."""
    return "" if value is None else str(value).strip()


GROUPED = re.compile(r"[+-]?\d{1,3}([\s,_'])\d{3}(?:\1\d{3})*")
"""One sign between groups of three: a comma before fewer digits is a decimal one."""


def ungrouped(typed: str) -> str:
    """A number as people write it, without what they put between thousands."""
    return re.sub(r"[\s,_']", "", typed) if GROUPED.fullmatch(typed) else typed


def count(value: object) -> int | None:
    """A whole number from 0 on; None when nothing is written."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    written = ungrouped(text(value))
    if not written:
        return None
    if not (written.isascii() and written.isdigit()) or len(written) > 15:
        raise Unreadable(written)
    return int(written)


def counts(value: object) -> int | tuple[int, ...] | None:
    """One number, or several with commas or blanks between, one for each layer."""
    if isinstance(value, str) and (parts := re.split(r"[\s,;]+", value.strip()))[1:]:
        value = parts
    if isinstance(value, list | tuple):
        read = [count(each) for each in value]
        known = tuple(each for each in read if each is not None)
        if not known or len(known) < len(read):
            raise Unreadable(str(value))
        return known
    return count(value)


def choice(value: object) -> bool | None:
    """Yes or no; None when nothing is chosen."""
    written = text(value).lower()
    if written in YES:
        return True
    if written in NO:
        return False
    if written:
        raise Unreadable(written)
    return None


def purposes(value: object) -> tuple[Purpose, ...]:
    """Purposes as a list, or as text with commas between."""
    written = re.split(r"[\s,;]+", value) if isinstance(value, str) else value
    if not isinstance(written, list | tuple):
        raise Unreadable(text(value))
    names = {Purpose(text(each)) for each in written if text(each)}
    return tuple(each for each in Purpose if each in names)


def names(value: object) -> dict[str, str]:
    """Names by quantization, as an object or as lines “Q4_K_M name”."""
    pairs = value.items() if isinstance(value, Mapping) else _lines(value)
    return {text(key): text(each) for key, each in pairs}


def sizes(value: object) -> dict[str, Size]:
    """Sizes by quantization, as an object or as lines “Q4_K_M 4912898304 file”."""
    pairs = value.items() if isinstance(value, Mapping) else _lines(value)
    return {text(key): _size(each) for key, each in pairs}


def _size(value: object) -> Size:
    if isinstance(value, Size):
        return value
    told = value if isinstance(value, Mapping) else _amount(value)
    amount = count(told.get("bytes"))
    if not amount:
        raise Unreadable(str(value))
    return Size(amount, SizeBasis(text(told.get("basis")) or SizeBasis.FILE))


def _amount(value: object) -> Mapping[str, Any]:
    """Bytes as they are written, with a word after them on where they come from."""
    written = re.fullmatch(r"(.*\d)\s+([a-z]+)", text(value))
    return {"bytes": written[1], "basis": written[2]} if written else {"bytes": value}


def _lines(value: object) -> list[tuple[str, str]]:
    lines = [each.split(None, 1) for each in text(value).splitlines() if each.strip()]
    if any(len(each) < 2 for each in lines):
        raise Unreadable(text(value))
    return [(key, rest.strip()) for key, rest in lines]
