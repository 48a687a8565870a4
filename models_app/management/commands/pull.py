"""`manage.py pull BACKEND NAME`: a model pulled to a server, with its progress."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from dashboard.errors import DashboardError
from dashboard.sentences import sentence_for
from models_app.models import Backend, Pull
from models_app.pull_queries import time_left
from models_app.services.pulls import request_stop, start_pull

WIDTH = 30
"""Of the bar, in characters."""
STEP = 10
"""Percent between two plain lines."""
CLEAR = "\r\x1b[K"


class Command(BaseCommand):
    """Starts the pull or joins it, and follows its row; a killed command loses nothing."""

    help = (
        "Pull a model to a server and follow it; the puller does the work, so the model "
        "comes even if this is killed. Ctrl-C cancels it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backend", help="the server's name here")
        parser.add_argument("name", help="the model's, for example qwen3:0.6b")

    def handle(self, *args: Any, backend: str, name: str, **options: Any) -> None:
        server = Backend.objects.filter(name=backend).first()
        if server is None:
            raise CommandError(f"There is no server named {backend}. {known_servers()}")
        try:
            (pull_id,) = start_pull(name, backends=[server.pk], by=None)
            self.follow(pull_id)
        except DashboardError as failure:
            raise CommandError(str(failure)) from failure

    def follow(self, pull_id: int) -> None:
        """Show where it stands until it has ended; Ctrl-C has it cancelled first."""
        said, is_open = "", True
        while is_open:
            try:
                pull = _row(pull_id)
                is_open = pull.is_open
                said = self.show(pull, after=said) if is_open else said
                self.rest() if is_open else self.tell_end(pull)
            except KeyboardInterrupt:
                stop(pull_id)

    def show(self, pull: Pull, *, after: str) -> str:
        """A bar that moves on a terminal, elsewhere a line for each stage."""
        if self.stdout.isatty():
            self.stdout.write(CLEAR + bar(pull), ending="")
            self.stdout.flush()
            return after
        line = plain_line(pull)
        if line != after:
            self.stdout.write(line)
            self.stdout.flush()
        return line

    def tell_end(self, pull: Pull) -> None:
        if self.stdout.isatty():
            self.stdout.write(CLEAR, ending="")
        if pull.status == Pull.Status.CANCELLED:
            raise CommandError(f"{pull.name} is cancelled.", returncode=130)
        if pull.status == Pull.Status.FAILED:
            raise CommandError(sentence_for(pull.error_code, pull.error_facts))
        self.stdout.write(f"{pull.name} is on {pull.backend}.")

    def rest(self) -> None:
        time.sleep(0.5)


def bar(pull: Pull) -> str:
    """The pull in one line, as wide as it knows."""
    if not pull.total:
        return f"{pull.name}: {_doing(pull)}"
    filled = pull.done * WIDTH // pull.total
    drawn = "█" * filled + "·" * (WIDTH - filled)
    sizes = f"{filesizeformat(pull.done)} of {filesizeformat(pull.total)}"
    speed = f", {filesizeformat(pull.speed)}/s" if pull.speed else ""
    left = f", {time_left(pull)} left" if pull.seconds_left is not None else ""
    return f"{pull.name} {drawn} {pull.percent} % ({sizes}{speed}{left})"


def plain_line(pull: Pull) -> str:
    """The pull in one line that changes seldom."""
    if not pull.total or pull.stop_requested:
        return f"{pull.name}: {_doing(pull)}"
    return f"{pull.name}: {(pull.percent or 0) // STEP * STEP} %"


def known_servers() -> str:
    names = ", ".join(Backend.objects.values_list("name", flat=True))
    return f"Known are: {names}." if names else "Add one with manage.py add_backend."


def _doing(pull: Pull) -> str:
    if pull.stop_requested:
        return "is being cancelled"
    if pull.status == Pull.Status.QUEUED:
        return "waits for a puller"
    return pull.said or "begins"


def stop(pull_id: int) -> None:
    """Ask for the end of it once; whoever is in a hurry need not wait for that."""
    if _row(pull_id).stop_requested:
        raise CommandError("It ends as soon as its puller hears of it.", returncode=130)
    request_stop(pull_id, by=None)


def _row(pull_id: int) -> Pull:
    pull = Pull.objects.select_related("backend").filter(pk=pull_id).first()
    if pull is None:
        raise CommandError("The server has been taken away, and the pull with it.")
    return pull
