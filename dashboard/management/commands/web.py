"""`manage.py web`: one process that serves pages, sockets and streams."""

import gc
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chat.taking_up import keep_taking_up
from chat.writers import interrupt_all
from dashboard.asgi import application
from dashboard.live.background import in_background
from dashboard.web_server import WebServer
from models_app.serving.clients import close_clients
from models_app.serving.settling import all_settled
from models_app.serving.slots.door import close_door


def first_words() -> None:
    """Look from now on for replies that other processes have left waiting."""
    in_background(keep_taking_up())


async def last_words() -> None:
    """Close what this process has open: replies and their rows in the ledger first, then
    links."""
    await interrupt_all()
    await all_settled()
    await close_door()
    await close_clients()


TURNS = 0.0005
"""Seconds after which a busy thread lets another on: the loop must not wait Python's 5 ms
for the database thread."""


class Command(BaseCommand):
    help = "Serve pages and sockets on PADDOCK_HOST and PADDOCK_PORT."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        sys.setswitchinterval(TURNS)
        # Nothing of what is loaded by now is ever let go: a collection that looked at it
        # again would hold the loop for 80 ms, and a long text is reason enough for one.
        gc.collect()
        gc.freeze()
        server = WebServer(
            application,
            host=settings.PADDOCK_HOST,
            port=settings.PADDOCK_PORT,
            first_words=first_words,
            last_words=last_words,
        )
        server.run()
        if server.refusal:
            raise CommandError(f"{server.refusal} Set PADDOCK_PORT to a free port.")
