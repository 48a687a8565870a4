"""A Modelfile as a whole: what it means, and all that is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from models_app.modelfile.convert import convert
from models_app.modelfile.parse import BOM, MOST_TROUBLES, UNREAD, parse
from models_app.modelfile.recipe import Recipe
from models_app.modelfile.troubles import Fault, Trouble, remark


@dataclass(frozen=True, slots=True)
class Understood:
    """Without errors it is a recipe to work with; warnings are worth a look.

    `is_read` says that every line of it could be read, whatever the lines mean.
    """

    recipe: Recipe
    errors: tuple[Trouble, ...]
    warnings: tuple[Trouble, ...]
    is_read: bool = True

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """All of them, in the order of their lines."""
        return _in_order(*self.errors, *self.warnings)


def understood(text: str) -> Understood:
    parsed = parse(text)
    converted = convert(parsed.commands)
    errors = (*parsed.errors, *converted.errors)
    return Understood(
        recipe=converted.recipe,
        errors=_in_order(*errors),
        warnings=_in_order(*converted.warnings, *_unread(text)),
        is_read=all(each.fault == Fault.NO_FROM for each in parsed.errors),
    )


def _in_order(*troubles: Trouble) -> tuple[Trouble, ...]:
    return tuple(sorted(troubles, key=lambda each: (each.line, each.column)))


def _unread(text: str) -> Iterator[Trouble]:
    """Where bytes were no text: the first place of each line."""
    lines = enumerate(plain(text).split("\n"), start=1)
    marked = ((number, line.find(UNREAD)) for number, line in lines if UNREAD in line)
    for number, at in islice(marked, MOST_TROUBLES):
        yield remark(number, at + 1, Fault.NO_TEXT)


def plain(text: str) -> str:
    """The text with one kind of line end, as forms and files do not send it."""
    return text.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")
