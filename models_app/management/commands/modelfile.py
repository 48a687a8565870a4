"""`manage.py modelfile FILE`: what a Modelfile says, and what is wrong with it."""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.sentences import phrase
from models_app.modelfile.commands import Parsed
from models_app.modelfile.convert import Converted, convert
from models_app.modelfile.parse import parse, text_of
from models_app.modelfile.troubles import Trouble

STDIN = "-"


class Command(BaseCommand):
    """Prints its lines with what is wrong below them; ends with 1 when something is."""

    help = "Check a Modelfile, and show how it is read."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="- reads from standard input")
        parser.add_argument(
            "--json", action="store_true", help="print commands and errors as JSON"
        )

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            content = (
                sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
            )
        except (OSError, ValueError) as failure:
            why = getattr(failure, "strerror", None) or failure
            raise CommandError(
                f"{file} cannot be read: {why}. Name a Modelfile."
            ) from failure
        text = text_of(content)
        parsed = parse(text)
        converted = convert(parsed.commands)
        errors = [*parsed.errors, *converted.errors]
        if options["json"]:
            self.stdout.write(as_json(parsed, errors))
        else:
            self.stdout.write(listing(text, errors, converted))
        if errors:
            count = "one error" if len(errors) == 1 else f"{len(errors)} errors"
            raise CommandError(f"{file} has {count}.")


def as_json(parsed: Parsed, errors: list[Trouble]) -> str:
    told = {
        "commands": [{"name": c.name, "args": c.args} for c in parsed.commands],
        "errors": [
            {"line": e.line, "column": e.column, "message": e.message} for e in errors
        ],
    }
    return json.dumps(told, indent=2)


def listing(text: str, errors: list[Trouble], converted: Converted) -> str:
    """Each line with its number, and below it a mark and a sentence for each trouble."""
    below: dict[int, list[str]] = defaultdict(list)
    for word, troubles in (("error", errors), ("warning", converted.warnings)):
        for each in troubles:
            mark = " " * (each.column - 1) + "^"
            below[each.line].append(f"      {mark} {word}: {phrase(each)}")
    shown = []
    for number, line in enumerate(lines_of(text), start=1):
        shown += [f"{number:>4}  {line}", *below[number]]
    return "\n".join(shown)


def lines_of(text: str) -> list[str]:
    """As the parser counts them, with no character that would move what is shown."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    return [
        "".join(c if c.isprintable() else "·" for c in each)
        for each in plain.split("\n")
    ]
