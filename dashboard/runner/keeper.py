"""Supervisor as `make up` runs it: it acts at once. Run by path, with its configuration.

By itself supervisor looks at signals and programs once a second, and acts one look later:
a second lost at the start, at each restart and at each step of the end.
"""

import os
import signal
import socket
import sys
from typing import Any

from supervisor.medusa import asyncore_25 as asyncore
from supervisor.options import ServerOptions
from supervisor.states import ProcessStates
from supervisor.supervisord import Supervisor

AT_ONCE = 0.01


class PromptPoller:
    """Supervisor's poller, woken by every signal, and brief when a start is due."""

    def __init__(self, poller: Any, supervisor: Supervisor) -> None:
        self.poller = poller
        self.supervisor = supervisor
        self.stirred, writing = socket.socketpair()
        os.set_blocking(writing.fileno(), False)
        signal.set_wakeup_fd(writing.detach(), warn_on_full_buffer=False)
        poller.register_readable(self.stirred.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.poller, name)

    def poll(self, timeout: float) -> tuple[list[int], list[int]]:
        readable, writable = self.poller.poll(
            AT_ONCE if self.start_is_due() else timeout
        )
        if self.stirred.fileno() in readable:
            self.stirred.recv(64)
            readable.remove(self.stirred.fileno())
        return readable, writable

    def start_is_due(self) -> bool:
        """Whether a program has ended and is not yet started again, or never was."""
        return any(
            program.state == ProcessStates.EXITED or not program.laststart
            for group in self.supervisor.process_groups.values()
            for program in group.processes.values()
        )


def keep(configuration: str) -> None:
    """Keep the programs of the configuration until a signal says to end."""
    options = ServerOptions()
    options.realize(["-c", configuration])
    options.first, options.test = True, False
    supervisor = Supervisor(options)
    options.poller = PromptPoller(options.poller, supervisor)
    try:
        supervisor.main()
    except asyncore.ExitNow:
        options.close_logger()


if __name__ == "__main__":
    keep(sys.argv[1])
