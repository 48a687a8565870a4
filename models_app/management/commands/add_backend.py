"""`manage.py add_backend NAME URL`: a model server, for scripts."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.env import env_secret
from models_app.adapters import ADAPTERS
from models_app.adapters.client import root_of
from models_app.models import Backend
from models_app.sealing import seal
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
            "--kind", choices=list(ADAPTERS), default="", help="found out if not given"
        )
        parser.add_argument(
            "--max-parallel", type=int, metavar="N", help="replies it writes at once"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backend = self._backend(**options)
            backend.full_clean()
        except ValueError as failure:
            raise CommandError(str(failure)) from failure
        except ValidationError as failure:
            raise CommandError(" ".join(failure.messages)) from failure
        save_backend(backend)
        self.stdout.write(f"{backend} is at {backend.base_url}.")

    def _backend(
        self, *, name: str, url: str, kind: str, max_parallel: int | None, **_: Any
    ) -> Backend:
        backend = Backend.objects.filter(name=name).first() or Backend(name=name)
        base_url, key = root_of(url), env_secret("PADDOCK_BACKEND_KEY")
        if key or base_url != backend.base_url:
            # A key must never travel to a server that it was not meant for.
            backend.sealed_key = seal(key)
        backend.base_url = base_url
        backend.kind, backend.kind_by_hand = kind, bool(kind)
        if max_parallel is not None:
            backend.max_parallel = max_parallel
        return backend
