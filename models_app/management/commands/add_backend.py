"""`manage.py add_backend NAME URL`: a model server, for scripts."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.env import env_secret
from models_app.adapters import ADAPTERS
from models_app.adapters.client import root_of
from models_app.models import Backend
from models_app.queries import server_at
from models_app.services.new_backends import save_backend


class Command(BaseCommand):
    """Adds the server, or brings the one of that name up to date; asks it nothing."""

    help = (
        "Add a model server, or change the one of that name. Its key, if it wants one, is "
        "read from PADDOCK_BACKEND_KEY or the file in PADDOCK_BACKEND_KEY_FILE."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("url", help="for example http://gpu-01:11434")
        parser.add_argument(
            "--kind", choices=list(ADAPTERS), help="found out if not given"
        )
        parser.add_argument(
            "--max-parallel", type=int, metavar="N", help="replies it writes at once"
        )

    def handle(self, *args: Any, name: str, url: str, **options: Any) -> None:
        known = Backend.objects.filter(name=name).first()
        backend = known or Backend(name=name, kind_by_hand=False)
        if backend.starter:
            raise CommandError(f"{name} is the starter engine. Choose another name.")
        if options["max_parallel"] is not None:
            backend.max_parallel = options["max_parallel"]
        try:
            backend.base_url = root_of(url)
            backend.full_clean()
            key = env_secret("PADDOCK_BACKEND_KEY")
        except ValidationError as failure:
            raise CommandError(" ".join(failure.messages)) from failure
        except (ValueError, OSError) as failure:
            raise CommandError(str(failure)) from failure
        if other := server_at(backend.base_url, besides=backend):
            raise CommandError(f"{backend.base_url} is the address of {other} already.")
        save_backend(backend, kind=options["kind"], key=key)
        done = "changed" if known else "added"
        self.stdout.write(f"{backend} is {done}: {backend.base_url}.")
