"""`manage.py add_node NAME`: a GPU host that may send, and what to type on it."""

import socket
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.errors import NodeError
from dashboard.sentences import sentence_for
from models_app.nodes.access import user_of
from models_app.nodes.adding import add_node

LOOPBACK = ("localhost", "127.0.0.1", "::1")
TUNNEL = """
Redis answers on this machine alone, and should. So keep a private tunnel open on {name}:

  ssh -N -L {port}:127.0.0.1:{port} {house}

Then run this there, in a checkout of Paddock:
"""
PLAIN = """
Run this there, in a checkout of Paddock:
"""


class Command(BaseCommand):
    """Adds the host, or gives the one of that name a new secret."""

    help = (
        "Let a GPU host send what its cards do. It prints what to run there, with a "
        "secret that is shown this once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="for example gpu-01")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        try:
            added = add_node(name)
        except NodeError as failure:
            raise CommandError(sentence_for(failure.code, failure.facts)) from failure
        redis_at = urlsplit(settings.REDIS_URL)
        by_tunnel = (redis_at.hostname or "") in LOOPBACK
        port = redis_at.port or 6379
        self.stdout.write(f"{name} may send now. Its secret is shown this once.")
        if not added.is_ready:
            self.stdout.write(
                "Redis does not answer just now. Nothing has to be done again: a worker "
                "lets it in as soon as it reaches Redis, and the line below is good then."
            )
        steps = TUNNEL if by_tunnel else PLAIN
        self.stdout.write(steps.format(name=name, port=port, house=_house()))
        address = _address(redis_at, name, added.secret, port)
        self.stdout.write(f"  PADDOCK_NODE={name} REDIS_URL={address} make node")


def _house() -> str:
    """What people call this machine."""
    told = urlsplit(settings.PADDOCK_URL).hostname or ""
    return told if told and told not in LOOPBACK else socket.gethostname()


def _address(redis_at: SplitResult, name: str, secret: str, port: int) -> str:
    host = redis_at.hostname or "127.0.0.1"
    host = "127.0.0.1" if host in LOOPBACK else host
    host = f"[{host}]" if ":" in host else host
    database = redis_at.path.strip("/") or "0"
    signed = f"{user_of(name)}:{secret}@{host}:{port}"
    return f"{redis_at.scheme}://{signed}/{database}"
