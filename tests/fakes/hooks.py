"""A receiver of webhooks in a thread: it answers as told, and keeps what it was sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Receiver:
    """`statuses` are answered in turn, the last one again and again."""

    statuses: list[int]
    url: str = ""
    sent: list[Any] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

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
            self.send_response(kept.next_status())
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
            server.shutdown()
            thread.join()
