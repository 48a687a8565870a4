"""A receiver of webhooks in a thread: it answers as told, and keeps what it was sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE = 5


@dataclass(slots=True)
class Receiver:
    """`statuses` are answered in turn, the last one again and again.

    It answers no message before `after` is set, and sets `arrived` when one has come. One
    that `trickles` never comes to the end of its answer.
    """

    statuses: list[int]
    url: str = ""
    sent: list[Any] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    after: threading.Event | None = None
    trickles: bool = False
    closing: threading.Event = field(default_factory=threading.Event)

    def next_status(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


@contextmanager
def receiver(*statuses: int) -> Iterator[Receiver]:
    """It takes messages as long as the block lasts."""
    kept = Receiver([*statuses] or [200])

    class Answerer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            kept.sent.append(json.loads(self.rfile.read(length)))
            kept.paths.append(self.path)
            kept.arrived.set()
            if kept.after:
                kept.after.wait(PATIENCE)
            self.send_response(kept.next_status())
            while kept.trickles and not kept.closing.wait(0.05):
                self.send_header("More", "to come")
                self.flush_headers()
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answerer) as server:
        kept.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/s3cret"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield kept
        finally:
            kept.closing.set()
            server.shutdown()
            thread.join()
