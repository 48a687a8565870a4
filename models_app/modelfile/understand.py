"""A Modelfile as a whole: what it means, and all that is wrong with it."""

from dataclasses import dataclass

from models_app.modelfile.convert import convert
from models_app.modelfile.parse import BOM, parse
from models_app.modelfile.recipe import Recipe
from models_app.modelfile.troubles import Fault, Trouble


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
        both = (*self.errors, *self.warnings)
        return tuple(sorted(both, key=lambda each: (each.line, each.column)))


def understood(text: str) -> Understood:
    parsed = parse(text)
    converted = convert(parsed.commands)
    errors = (*parsed.errors, *converted.errors)
    return Understood(
        recipe=converted.recipe,
        errors=tuple(sorted(errors, key=lambda each: (each.line, each.column))),
        warnings=converted.warnings,
        is_read=all(each.fault == Fault.NO_FROM for each in parsed.errors),
    )


def plain(text: str) -> str:
    """The text with one kind of line end, as forms and files do not send it."""
    return text.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")
