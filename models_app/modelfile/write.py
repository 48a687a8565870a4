"""Writing a Modelfile that reads as the same commands, or refusing to."""

from collections.abc import Iterable, Iterator

from dashboard.errors import ModelfileUnwritable, gettext_noop
from models_app.modelfile.commands import Command
from models_app.modelfile.grammar import (
    INSTRUCTIONS,
    MESSAGE,
    QUOTE,
    QUOTES,
    ROLE_END,
    kept,
)
from models_app.modelfile.parse import parse

TEXTS = ("system", "template", "license", MESSAGE)
"""What may be long, and stands between three quotation marks each."""
PLAIN = ""
FIRST = "FROM x\n"
"""A Modelfile without a FROM is none."""

UNSEEN = gettext_noop("it has characters that cannot be seen, which would get lost")
NAMELESS = gettext_noop("no instruction and no parameter can have that name")
ENDS = gettext_noop("it would end early, at the quotation marks within it")


def write(commands: Iterable[Command]) -> str:
    """The text of these commands, or `ModelfileUnwritable`: never of any others."""
    return "".join(_written(each) for each in commands)


def _written(command: Command) -> str:
    """As plainly as the reader understands it; asked each time, so never wrongly."""
    for head, value in _heads(command):
        for mark in _marks(command):
            line = f"{head} {mark}{value}{mark}\n"
            if parse(FIRST + line).commands[1:] == (command,):
                return line
    raise ModelfileUnwritable(name=_shown(command), detail=_why(command))


def _why(command: Command) -> str:
    if not any(_begins(head) for head, _ in _heads(command)):
        return NAMELESS
    return ENDS if kept(command.args) == command.args else UNSEEN


def _begins(head: str) -> bool:
    """Whether a reader takes this for the beginning of a command."""
    return not parse(f"{FIRST}{head} x\n").errors


def _heads(command: Command) -> Iterator[tuple[str, str]]:
    """What the line may begin with, and the value after that."""
    for word, name in INSTRUCTIONS.items():
        if name == command.name and name != MESSAGE:
            yield word.upper(), command.args
    if command.name == MESSAGE:
        role, _, text = command.args.partition(ROLE_END)
        yield f"MESSAGE {role}", text
    yield f"PARAMETER {command.name}", command.args


def _marks(command: Command) -> tuple[str, ...]:
    if command.name in TEXTS:
        return (QUOTES, QUOTE, PLAIN)
    if command.name == "stop":
        return (QUOTE, QUOTES, PLAIN)
    return (PLAIN, QUOTE, QUOTES)


def _shown(command: Command) -> str:
    return next(
        (word.upper() for word, name in INSTRUCTIONS.items() if name == command.name),
        f"PARAMETER {command.name}",
    )
