"""`manage.py probe URL`: which kind of server is there, and what came back."""

from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.env import env_secret
from models_app.adapters.client import root_of
from models_app.adapters.detect import examine
from models_app.advice import advice, outcome


class Command(BaseCommand):
    """Prints each question with its answer; ends with 1 when no kind was found."""

    help = (
        "Ask an address which kind of model server it is, and say what came back. A key is "
        "read from PADDOCK_BACKEND_KEY or the file in PADDOCK_BACKEND_KEY_FILE."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="for example http://gpu-01:11434")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        try:
            base_url, key = root_of(url), env_secret("PADDOCK_BACKEND_KEY")
        except (ValueError, OSError) as failure:
            raise CommandError(str(failure)) from failure
        report = async_to_sync(examine)(base_url, key=key)
        for probe in report.probes:
            self.stdout.write(f"GET {base_url}{probe.path}: {outcome(probe)}")
        hint = " Set PADDOCK_BACKEND_KEY." if report.locked and not key else ""
        if not report.kind:
            raise CommandError(advice(report) + hint)
        self.stdout.write(advice(report) + hint)
