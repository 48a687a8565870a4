"""Daphne as `manage.py web` runs it: it ends in order, and within five seconds."""

import asyncio
import logging
import resource
import signal
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from types import FrameType
from typing import Any

# First, for it chooses the reactor that all of Twisted then uses.
from daphne.server import Server  # isort: skip
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort
from twisted.python.failure import Failure
from twisted.web.http import RESPONSES

from dashboard.web_bodies import SILENCE, BoundedFactory

log = logging.getLogger(__name__)

END_WITHIN = 5
LAST_WORDS = 3.0
"""Seconds that open replies get to be closed, out of those five."""
OPEN_FILES = 65_536

# Twisted has words for the statuses of its time; 429 is "Unknown Status" to it.
RESPONSES.update(
    {each: each.phrase.encode() for each in HTTPStatus if each not in RESPONSES}
)


class WebServer(Server):  # type: ignore[misc] # Daphne has no types
    """Serves an ASGI application; `first_words` is called once its loop runs, `last_words`
    is awaited before its sockets close, and who has begun to send and is silent for
    `silence` seconds is given up."""

    def __init__(
        self,
        application: object,
        *,
        host: str,
        port: int,
        last_words: Callable[[], Awaitable[None]],
        first_words: Callable[[], object] | None = None,
        silence: float = SILENCE,
    ) -> None:
        super().__init__(
            application,
            endpoints=[endpoint(host, port)],
            signal_handlers=False,
            websocket_timeout=-1,
            server_name="",
        )
        self.last_words = last_words
        self.first_words = first_words
        self.silence = silence
        self.ports: list[Any] = []
        self.refusal = ""

    @property
    def http_factory(self) -> BoundedFactory:
        return self.bounded

    @http_factory.setter
    def http_factory(self, unbounded: object) -> None:
        """Daphne makes its own when it runs; ours takes its place."""
        self.bounded = BoundedFactory(self, silence=self.silence)

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; `refusal` says why it never did."""
        allow_many_sockets()
        reactor.callWhenRunning(self.heed_signals)
        if self.first_words:
            # Only then does the loop run.
            reactor.callWhenRunning(reactor.callLater, 0, self.first_words)
        super().run()

    def listen_success(self, port: IListeningPort) -> None:
        self.ports.append(port)
        super().listen_success(port)

    def listen_error(self, failure: Failure) -> None:
        self.refusal = failure.getErrorMessage()
        super().listen_error(failure)

    def heed_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.end)

    def end(self, number: int, frame: FrameType | None) -> None:
        """Begin to end; the kernel's alarm clock ends what hangs on the way."""
        signal.alarm(END_WITHIN)
        reactor.callFromThread(self.stop)

    def kill_all_applications(self) -> "Deferred[None]":
        """What Daphne asks for before the reactor ends: here, everything in its order."""
        return Deferred.fromFuture(asyncio.ensure_future(self.end_in_order()))

    async def end_in_order(self) -> None:
        """Accept nobody, close the open replies, then end every request and socket."""
        for port in self.ports:
            port.stopListening()
        try:
            await asyncio.wait_for(self.last_words(), LAST_WORDS)
        except Exception:
            log.exception("Open replies were not closed; the sweeper will.")
        await end_all(
            connection["application_instance"]
            for connection in self.connections.values()
            if "application_instance" in connection
        )


async def end_all(applications: Any) -> None:
    running = {each for each in applications if not each.done()}
    for each in running:
        each.cancel()
    if running:
        await asyncio.wait(running, timeout=1)


def endpoint(host: str, port: int) -> str:
    """The address as Twisted writes it, where a colon separates."""
    interface = host.strip("[]").replace(":", "\\:")
    return f"tcp:{port}:interface={interface}:backlog=1024"


def allow_many_sockets() -> None:
    """Raise the soft limit of open files: each page, stream and server takes one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
