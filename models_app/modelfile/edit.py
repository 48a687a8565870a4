"""Changing what a Modelfile says, line by line: all other lines stay as they are."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from models_app.modelfile.commands import Command
from models_app.modelfile.convert import SEVERAL
from models_app.modelfile.grammar import FROM, INSTRUCTIONS, MESSAGE
from models_app.modelfile.parse import parse
from models_app.modelfile.understand import plain
from models_app.modelfile.write import write

LAST = (MESSAGE, "license")
"""What stands below the parameters."""


def values_in(text: str) -> Mapping[str, tuple[str, ...]]:
    """What counts of each command, by its name, as it is written."""
    values: dict[str, tuple[str, ...]] = {}
    for each in parse(text).commands:
        before = values.get(each.name, ()) if each.name in SEVERAL else ()
        values[each.name] = (*before, each.args)
    return values


def with_values(text: str, name: str, values: Sequence[str]) -> str:
    """The text in which a command has these values, and none where there are none.

    Only its own lines change, and comments stay. `ModelfileUnwritable` for a value that
    no Modelfile can hold.
    """
    text = plain(text)
    commands = parse(text).commands
    found = [each for each in commands if each.name == name]
    if values and name not in SEVERAL:
        found = found[-1:]
    lines = text.split("\n")
    for command, value in reversed([*zip_longest(found, values)]):
        if command is None:
            at = found[-1].last_line if found else _place(name, commands, lines)
            lines[at:at] = _written(name, value)
        elif value != command.args:
            new = [] if value is None else _written(name, value)
            lines[command.line - 1 : command.last_line] = new
    return "\n".join(lines)


def _written(name: str, value: str) -> list[str]:
    return write((Command(name, value),)).removesuffix("\n").split("\n")


def _place(name: str, commands: Sequence[Command], lines: Sequence[str]) -> int:
    """Above which line a new command goes, counted from 0."""
    if not commands:
        return len(lines) - (lines[-1] == "")
    if name == FROM:
        return commands[0].line - 1
    alike = [each for each in commands if _is_parameter(each.name)]
    before = [each for each in commands if _stands_before(each.name, name)]
    if alike and _is_parameter(name):
        before = alike
    return before[-1].last_line if before else commands[0].line - 1


def _is_parameter(name: str) -> bool:
    return name not in INSTRUCTIONS.values()


def _stands_before(other: str, name: str) -> bool:
    """A system prompt stands below FROM, a parameter below that and its like."""
    if name in LAST:
        return True
    if not _is_parameter(name):
        return other == FROM
    return other not in LAST
