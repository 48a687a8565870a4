"""From commands to typed values; what has no meaning is told with its line."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from models_app.adapters.base import ParameterValue
from models_app.modelfile.commands import Command
from models_app.modelfile.grammar import FROM, MESSAGE, ONE_ROLE, ROLE_END, ROLES
from models_app.modelfile.parameters import (
    DEPRECATED,
    PARAMETERS,
    TooLong,
    Type,
    Unreadable,
    is_usual,
    value_of,
)
from models_app.modelfile.recipe import Place, Recipe
from models_app.modelfile.troubles import Fault, Trouble, remark

ONCE = (FROM, "system", "template", "adapter", "renderer", "parser", "requires")
"""Instructions of which the last one counts."""
SEVERAL = (MESSAGE, "license", "draft", "stop")
WRONG_TYPE = {
    Type.WHOLE: ("int", Fault.NOT_WHOLE),
    Type.NUMBER: ("float", Fault.NOT_A_NUMBER),
    Type.SWITCH: ("bool", Fault.NOT_A_SWITCH),
}
NUMBER = r"(?:0|[1-9][0-9]*)"
EARLIER = rf"(?:{NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
VERSION = re.compile(
    rf"{NUMBER}(?:\.{NUMBER}(?:\.{NUMBER}"
    rf"(?:-{EARLIER}(?:\.{EARLIER})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)?)?"
)
NO_VERSION = "requires must be a valid semver (e.g. 0.14.0)"
LIKE_A_FILE = re.compile(
    r"[./~\\]|[A-Za-z]:\\|(?!hf\.co/|huggingface\.co/).*\.(gguf|safetensors|bin)$",
    re.DOTALL | re.IGNORECASE,
)
"""Names of Hugging Face may end in that of a file there."""
ACTION = re.compile(
    r"\{\{(?:/\*.*?\*/|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|(?!\{\{|\}\})[^\"`])*+\}\}",
    re.DOTALL,
)
"""Of a template: what stands in a text or a comment within it ends nothing."""
LONGEST_GIVEN = 60
"""Of a value that a trouble repeats for people."""


@dataclass(frozen=True, slots=True)
class Converted:
    """What the commands mean, as far as they mean something.

    With errors, no server would make a model of it; warnings are worth a look.
    """

    recipe: Recipe
    errors: tuple[Trouble, ...]
    warnings: tuple[Trouble, ...]


def convert(commands: Iterable[Command]) -> Converted:
    """All commands as typed values; the first error is the one that Ollama would tell."""
    troubles = [(each, _trouble_in(each)) for each in commands]
    sound = [each for each, trouble in troubles if trouble is None]
    return Converted(
        recipe=_recipe(sound),
        errors=tuple(trouble for _, trouble in troubles if trouble),
        warnings=tuple(_warnings(sound)),
    )


def _recipe(commands: Sequence[Command]) -> Recipe:
    last = {each.name: each.args for each in commands}
    return Recipe(
        bases=_all(FROM, commands),
        system=last.get("system", ""),
        template=last.get("template", ""),
        parameters=_parameters(commands),
        messages=tuple(_message(each) for each in _all(MESSAGE, commands)),
        licenses=_all("license", commands),
        adapter=last.get("adapter", ""),
        drafts=_all("draft", commands),
        renderer=last.get("renderer", ""),
        parser=last.get("parser", ""),
        requires=last.get("requires", "").removeprefix("v"),
        places=_places(commands),
    )


def _all(name: str, commands: Iterable[Command]) -> tuple[str, ...]:
    return tuple(each.args for each in commands if each.name == name and each.args)


def _message(args: str) -> tuple[str, str]:
    role, _, text = args.partition(ROLE_END)
    return role, text


def _places(commands: Iterable[Command]) -> dict[str, Place]:
    """Of what counts; where several do, of the first one."""
    places: dict[str, Place] = {}
    for each in commands:
        if each.name not in SEVERAL or each.name not in places:
            places[each.name] = (each.line, each.column)
    return places


def _parameters(commands: Sequence[Command]) -> Mapping[str, ParameterValue]:
    values = {
        each.name: value_of(PARAMETERS[each.name].type, each.args)
        for each in commands
        if each.name in PARAMETERS and each.name != "stop"
    }
    stops = _all("stop", commands)
    return values | {"stop": [*stops]} if stops else values


def _trouble_in(command: Command) -> Trouble | None:
    """Why no server would make a model with this command; None for one that is sound."""
    if command.name == FROM and not command.args:
        return remark(command.line, command.column, Fault.NO_MODEL)
    if command.name == "requires":
        known = VERSION.fullmatch(command.args.removeprefix("v"))
        return None if known else _trouble(command, NO_VERSION, Fault.NO_VERSION)
    if command.name == MESSAGE and _message(command.args)[0] not in ROLES:
        return _trouble(command, ONE_ROLE, Fault.NO_ROLE)
    if command.name in (*ONCE, *SEVERAL, *DEPRECATED):
        return None
    return _wrong_value(command)


def _wrong_value(command: Command) -> Trouble | None:
    if command.name not in PARAMETERS:
        message = f"unknown parameter '{command.name}'"
        return _trouble(command, message, Fault.UNKNOWN_PARAMETER)
    kind = PARAMETERS[command.name].type
    try:
        value_of(kind, command.args)
    except Unreadable as unreadable:
        word, fault = WRONG_TYPE[kind]
        fault = Fault.TOO_LONG if isinstance(unreadable, TooLong) else fault
        return _trouble(command, f"invalid {word} value [{command.args}]", fault)
    return None


def _warnings(commands: Sequence[Command]) -> Iterator[Trouble]:
    """What would be taken all the same, and is not what somebody meant."""
    last = {each.name: each for each in commands}
    for each in commands:
        if each.name in DEPRECATED:
            message = f"warning: parameter {each.name} is deprecated"
            yield _trouble(each, message, Fault.DEPRECATED)
        elif each.name not in SEVERAL and last[each.name] is not each:
            by = last[each.name].line
            yield remark(each.line, each.column, Fault.REPLACED, by=by)
        elif fault := _oddity(each):
            yield remark(each.line, each.column, fault, **_facts(each))


def _oddity(command: Command) -> Fault | None:
    if command.name == "stop" and not command.args:
        return Fault.EMPTY_STOP
    if command.name == FROM and LIKE_A_FILE.match(command.args):
        return Fault.LOOKS_LIKE_A_FILE
    if command.name == "template" and "{{" in ACTION.sub("", command.args):
        return Fault.OPEN_ACTION
    if command.name in PARAMETERS:
        value = value_of(PARAMETERS[command.name].type, command.args)
        return None if is_usual(command.name, value) else Fault.UNUSUAL
    return None


def _trouble(command: Command, message: str, fault: Fault) -> Trouble:
    return Trouble(command.line, command.column, message, fault, _facts(command))


def _facts(command: Command) -> dict[str, str | int]:
    given = command.args
    short = given if len(given) <= LONGEST_GIVEN else f"{given[:LONGEST_GIVEN]}…"
    return {"name": command.name, "given": short}
