"""The supervisor that keeps the programs: its configuration, and becoming it."""

import os
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from dashboard.runner.programs import BASE_DIR, Program
from dashboard.runner.valkey import write_private

KEEPER = BASE_DIR / "dashboard" / "runner" / "keeper.py"
LOG_BYTES = "5MB"
UP_AFTER = 3
"""Seconds that a program must stay up to count as started; an earlier end is tried again
one second later, then two, then three, so that a broken one does not spin."""

HEAD = """\
[supervisord]
nodaemon=true
silent=true
logfile=log/supervisord.log
logfile_maxbytes={bytes}
logfile_backups=1
pidfile=log/supervisord.pid
childlogdir=log
"""

PROGRAM = """
[program:{name}]
command={command}
directory={directory}
environment={environment}
stdout_logfile=log/{name}.log
stdout_logfile_maxbytes={bytes}
stdout_logfile_backups=2
redirect_stderr=true
autorestart=true
startsecs={up_after}
startretries=1000000
stopsignal=TERM
stopwaitsecs={stop_within}
stopasgroup=false
killasgroup=true
"""

GROUP = """
[group:priority-{priority}]
programs={names}
priority={priority}
"""


def write_supervision(programs: Iterable[Program], *, data: Path) -> Path:
    """Write the configuration by which this process, once the supervisor, keeps them.

    Its logs have relative names: supervisor reads a percent sign in them twice.
    """
    (data / "log").mkdir(parents=True, exist_ok=True)
    chosen = list(programs)
    sections = [HEAD.format(bytes=LOG_BYTES), *map(_section, chosen), *_groups(chosen)]
    path = data / "supervisord.conf"
    write_private(path, "".join(sections))
    return path


def _groups(programs: list[Program]) -> Iterator[str]:
    """Programs of one priority are started, and ended, together."""
    for priority in sorted({program.priority for program in programs}):
        names = (program.name for program in programs if program.priority == priority)
        yield GROUP.format(priority=priority, names=",".join(names))


def _section(program: Program) -> str:
    settings = (
        f'{name}="{_plain(text)}"' for name, text in program.environment.items()
    )
    return PROGRAM.format(
        name=program.name,
        command=_plain(shlex.join(program.tied_to(os.getpid()))),
        directory=_plain(BASE_DIR),
        environment=",".join(settings),
        bytes=LOG_BYTES,
        up_after=UP_AFTER,
        stop_within=program.stop_within,
    )


def _plain(value: object) -> str:
    """The value as supervisor reads it; a percent sign would begin an expansion."""
    return str(value).replace("%", "%%")


def become_supervisor(configuration: Path) -> NoReturn:
    """Turn this process into the supervisor, so that there is one runner to end."""
    os.chdir(configuration.parent)
    command = [sys.executable, "-P", str(KEEPER), configuration.name]
    os.execv(sys.executable, command)  # noqa: S606
