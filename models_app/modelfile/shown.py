"""A Modelfile as a page shows it: its lines, with what each begins with and what is wrong."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from models_app.modelfile.grammar import INSTRUCTIONS, MESSAGE, PARAMETER
from models_app.modelfile.parse import parse
from models_app.modelfile.troubles import Trouble
from models_app.modelfile.understand import Understood, plain

TIGHT = 3
"""A note is no longer than so many lines, so that beside this many it has room."""
NAMED = (PARAMETER, MESSAGE)
"""After these words stands a name."""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line in its parts; put together they are the line. `room` is how many lines there
    are for a note beside it, up to the next line with one; 0 for enough."""

    number: int
    before: str = ""
    word: str = ""
    name: str = ""
    rest: str = ""
    is_comment: bool = False
    errors: tuple[Trouble, ...] = ()
    warnings: tuple[Trouble, ...] = ()
    room: int = 0

    @property
    def text(self) -> str:
        return f"{self.before}{self.word}{self.name}{self.rest}"


def shown_lines(text: str, known: Understood | None = None) -> list[ShownLine]:
    """Every line of the text, with the troubles that are known of it."""
    text = plain(text)
    errors, warnings = known.errors if known else (), known.warnings if known else ()
    wrong, odd = _by_line(errors), _by_line(warnings)
    begins, within = _places(text)
    return [
        ShownLine(
            number,
            *_parts(line, begins=number in begins),
            is_comment=number not in within and line.lstrip().startswith("#"),
            errors=tuple(wrong.get(number, ())),
            warnings=tuple(odd.get(number, ())),
            room=_room(number, {*wrong, *odd}),
        )
        for number, line in enumerate(text.split("\n"), start=1)
    ]


def _places(text: str) -> tuple[set[int], set[int]]:
    """The lines where a command begins, and all that belong to one."""
    begins, within = set[int](), set[int]()
    for each in parse(text).commands:
        begins.add(each.line)
        within.update(range(each.line, each.last_line + 1))
    return begins, within


def _parts(line: str, *, begins: bool) -> tuple[str, str, str, str]:
    if not begins:
        return "", "", "", line
    bare = line.lstrip()
    before = line[: len(line) - len(bare)]
    word = bare[: len(bare.split(maxsplit=1)[0])] if bare else ""
    rest = bare[len(word) :]
    if word.lower() not in INSTRUCTIONS or word.lower() not in NAMED:
        return before, word, "", rest
    name = rest[: len(rest) - len(rest.lstrip())] + (rest.split(maxsplit=1) or [""])[0]
    return before, word, name, rest[len(name) :]


def _room(number: int, marked: Container[int]) -> int:
    return next((each for each in range(1, TIGHT) if number + each in marked), 0)


def _by_line(troubles: Iterable[Trouble]) -> dict[int, list[Trouble]]:
    found: dict[int, list[Trouble]] = {}
    for each in troubles:
        found.setdefault(each.line, []).append(each)
    return found
