"""What a Modelfile says, line by line, and what is wrong with it."""

from dataclasses import dataclass, field

from models_app.modelfile.troubles import Trouble


@dataclass(frozen=True, slots=True)
class Command:
    """One instruction; two that say the same are equal wherever they stand.

    A FROM is named "model", a parameter by its own name; a message's `args` begin with
    its role and a colon. Lines and columns count from 1.
    """

    name: str
    args: str
    line: int = field(default=0, compare=False)
    column: int = field(default=0, compare=False)
    last_line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Parsed:
    """All that could be read, and all that could not."""

    commands: tuple[Command, ...]
    errors: tuple[Trouble, ...]
