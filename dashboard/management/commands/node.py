"""`manage.py node`: this host's GPUs on the status page of a Paddock that runs elsewhere."""

import os
import sys
from typing import NoReturn

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashboard.env import env_secret
from dashboard.runner.programs import LEAN
from models_app.gpu.keys import NODE_NAME, WATCHED, node_queue, samples_key
from models_app.gpu.outbox import link_to

AGAIN = (
    "The line that “manage.py add_node” printed has what is needed; an administrator of "
    "Paddock can have a new one printed, by “manage.py add_node {node} --new-secret”."
)


class Command(BaseCommand):
    help = "Show this host and its GPUs on the status page of a Paddock elsewhere."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        """See that the way there is open, then become the worker."""
        check_name(settings.PADDOCK_NODE)
        check_redis(settings.PADDOCK_NODE)
        become_worker(settings.PADDOCK_NODE)


def check_name(node: str) -> None:
    again = AGAIN.format(node="NAME")
    if not node:
        raise CommandError(
            f"PADDOCK_NODE is not set: it is this host's name in Paddock. {again}"
        )
    if not NODE_NAME.fullmatch(node):
        raise CommandError(
            f"PADDOCK_NODE cannot be {node!r}: small letters, digits, dots and dashes "
            f"make a name. {again}"
        )


def check_redis(node: str) -> None:
    """Ask what the sampler will ask; each failure has a sentence of its own."""
    again = AGAIN.format(node=node)
    if not env_secret("REDIS_URL"):
        raise CommandError(
            f"REDIS_URL is not set: it is the way to Paddock's Redis. {again}"
        )
    try:
        with link_to(settings.REDIS_URL) as link:
            link.exists(WATCHED)
            link.exists(samples_key(node))
    except ValueError as failure:
        raise CommandError(f"REDIS_URL is no address ({failure}). {again}") from failure
    except redis.AuthenticationError as failure:
        raise CommandError(
            f"Redis does not know this host by that password ({failure}). It was removed "
            f"in Paddock, or given a new secret. {again}"
        ) from failure
    except redis.exceptions.NoPermissionError as failure:
        raise CommandError(
            f"The password is not that of {node} ({failure}). Set PADDOCK_NODE to the "
            f"name it was made for. {again}"
        ) from failure
    except redis.RedisError as failure:
        raise CommandError(
            f"Paddock's Redis cannot be reached ({failure}). Check that it runs, and that "
            "the address in REDIS_URL leads there from this host."
        ) from failure


def become_worker(node: str) -> NoReturn:
    """The same process goes on as the worker, so that there is one to end."""
    os.environ.update(LEAN, PADDOCK_QUEUE="node")
    app = (
        "-q",
        "-A",
        "dashboard",
        "worker",
        "-Q",
        node_queue(node),
        "-n",
        f"{node}@%h",
    )
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    command = [sys.executable, "-m", "celery", *app, "-P", "threads", "-c", "1", *alone]
    os.chdir(settings.BASE_DIR)
    os.execv(sys.executable, [*command, "--with-sampler"])  # noqa: S606
