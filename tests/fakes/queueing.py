"""Model servers that people stand in line for, or that send them on to the next."""

import json
from collections.abc import Iterator
from typing import Any

from tests.fakes.explaining import Explaining
from tests.fakes.paced import Speaker, chunk, end

SINGLE, SHARED = "single", "shared"
"""The models: of one server, and of one that refuses and one that does not."""
BUSY = "All slots are taken"


class Single(Explaining):
    """Says half of a reply, and the rest once the test lets it."""

    model = SINGLE

    def reply_to(self, asked: dict[str, Any]) -> Iterator[bytes]:
        yield chunk({"content": "The first half,"})
        self.hold()
        yield chunk({"content": " and the rest."})
        yield from end(2)


class Refuser(Speaker):
    """Lists its model, and answers nobody."""

    model = SHARED

    def do_POST(self) -> None:  # noqa: N802
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"error": {"message": BUSY}}).encode()
        self.send_response(503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Willing(Speaker):
    """Has the same model, and answers at once."""

    model = SHARED

    def reply_to(self, asked: dict[str, Any]) -> Iterator[bytes]:
        yield chunk({"content": "Here I am."})
        yield from end(3)
