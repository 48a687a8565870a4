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
UNNAMED = "NAME-OF-PADDOCKS-MACHINE"
INSIDE = """
“{host}” is a name that as a rule only containers know, so publish its port {port} on \
127.0.0.1 of its machine, as docs/running.md shows, for the tunnel below; where {name} \
knows that name all the same, no tunnel is needed, and the name takes the place of \
127.0.0.1 in the last line.
"""
TUNNEL = """
Redis answers on this machine alone, and should. So keep a private tunnel open on {name}:

  ssh -N -L {port}:127.0.0.1:{port} {house}

Then run this there, in a checkout of Paddock:
"""
PLAIN = """
Run this there, in a checkout of Paddock:
"""


class Command(BaseCommand):
    """Adds the host, or gives the one of that name a new secret where that is wanted."""

    help = (
        "Let a GPU host send what its cards do. It prints what to run there, with a "
        "secret that is shown this once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="for example gpu-01")
        parser.add_argument(
            "--new-secret",
            action="store_true",
            help="give a host that is there already a new secret; its old one is void",
        )

    def handle(self, *args: Any, name: str, new_secret: bool, **options: Any) -> None:
        try:
            added = add_node(name, new_secret=new_secret)
        except NodeError as failure:
            raise CommandError(sentence_for(failure.code, failure.facts)) from failure
        self.stdout.write(f"{name} may send now. Its secret is shown this once.")
        if not added.is_ready:
            self.stdout.write(
                "Redis does not answer just now. Nothing has to be done again: a worker "
                "lets it in as soon as it reaches Redis, and the line below is good then."
            )
        self._write_steps(name, added.secret)

    def _write_steps(self, name: str, secret: str) -> None:
        redis_at = urlsplit(settings.REDIS_URL)
        host, port = redis_at.hostname or "127.0.0.1", redis_at.port or 6379
        inside = _is_inside(host)
        by_tunnel = inside or host in LOOPBACK
        steps = (INSIDE if inside else "") + (TUNNEL if by_tunnel else PLAIN)
        house = _house(inside=inside)
        self.stdout.write(steps.format(name=name, host=host, port=port, house=house))
        address = _address(
            redis_at,
            signed=f"{user_of(name)}:{secret}",
            at="127.0.0.1" if by_tunnel else host,
            port=port,
        )
        self.stdout.write(f"  PADDOCK_NODE={name} REDIS_URL={address} make node")


def _is_inside(host: str) -> bool:
    """Whether it looks like the name of a container, which other machines do not know."""
    return host not in LOOPBACK and "." not in host and ":" not in host


def _house(*, inside: bool) -> str:
    """What people call this machine; a container knows no name of its own machine."""
    told = urlsplit(settings.PADDOCK_URL).hostname or ""
    if told and told not in LOOPBACK:
        return told
    return UNNAMED if inside else socket.gethostname()


def _address(redis_at: SplitResult, *, signed: str, at: str, port: int) -> str:
    host = f"[{at}]" if ":" in at else at
    database = redis_at.path.strip("/") or "0"
    return f"{redis_at.scheme}://{signed}@{host}:{port}/{database}"
