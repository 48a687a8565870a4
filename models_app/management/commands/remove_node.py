"""`manage.py remove_node NAME`: a GPU host that shall not send any more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.errors import NodeError
from dashboard.sentences import sentence_for
from models_app.nodes.adding import retire_node


class Command(BaseCommand):
    """Ends its user in Redis and its connections; the history of its cards stays."""

    help = "Let a GPU host in no more. The history of its cards stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        try:
            is_out = retire_node(name)
        except NodeError as failure:
            raise CommandError(sentence_for(failure.code, failure.facts)) from failure
        self.stdout.write(f"{name} is removed; the history of its cards is kept.")
        if not is_out:
            self.stdout.write(
                "Redis does not answer just now. Nothing has to be done again: a worker "
                "ends its user as soon as it reaches Redis."
            )
