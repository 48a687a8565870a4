"""An Ollama in a thread whose downloads go at a set pace, and fail as told.

`with ollama() as fake:` gives a `FakeOllama`: what its registry offers, what is on its disk
and in its memory, and what it was asked. Bytes of a layer stay between connections, a layer
is shared by all who pull it, and nothing moves once the last of them has left.
"""

import json
import select
import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from tests.fakes.ollama_answers import answer_of, missing
from tests.fakes.ollama_said import generated, said_in_chat, whole_of
from tests.fakes.ollama_state import (
    Asked,
    FakeOllama,
    Layer,
    Script,
    Trouble,
    digest_of,
    full,
)

TICK = 0.02
"""Seconds between two lines of a pull."""
AT_ONCE = {
    Trouble.NOT_FOUND: "pull model manifest: file does not exist",
    Trouble.REFUSED: 'pull model manifest: 401: {"error":"Invalid username or password."}',
    Trouble.AWAY: (
        'pull model manifest: Get "https://registry.ollama.ai/v2/library/x/manifests/'
        'latest": dial tcp 127.0.0.1:5999: connect: connection refused'
    ),
    Trouble.TOO_OLD: 'pull model manifest: 412: {"errors":[{"message":"update it"}]}',
}
FULL = "write /models/blobs/{}-partial: no space left on device"
DAMAGED = "digest mismatch, file must be downloaded again: want {}, got sha256:0123"


class Failed(Exception):
    """A pull ends with this error line."""


class Handler(BaseHTTPRequestHandler):
    """One connection; lines go out in chunks, as Ollama sends them."""

    protocol_version = "HTTP/1.1"
    fake: ClassVar[FakeOllama]
    dropped = False
    """Whether the connection is given up in the middle of an answer."""

    def do_GET(self) -> None:
        self._answer("GET", None)

    def do_POST(self) -> None:
        self._answer("POST", self._body())

    def do_DELETE(self) -> None:
        self._answer("DELETE", self._body())

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _body(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, method: str, body: Any) -> None:
        self.fake.asked.append(Asked(method, self.path, body))
        name = f"{method} {self.path}"
        try:
            match name:
                case "POST /api/pull":
                    with closing(self._pull(full(body["model"]))) as lines:
                        self._stream(lines)
                case "POST /api/create":
                    self._create(body)
                case "POST /api/chat" if body["messages"]:
                    self._say(body, said_in_chat(body))
                case "POST /api/generate" if body.get("prompt"):
                    self._say(body, generated(body))
                case _:
                    self._tell(*answer_of(self.fake, name, body))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _tell(self, status: int, told: object) -> None:
        text = isinstance(told, str)
        body = str(told).encode() if text else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if text else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, lines: Iterator[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        for line in lines:
            said = json.dumps(line).encode() + b"\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(said), said))
            self.wfile.flush()
        if not self.dropped:
            self.wfile.write(b"0\r\n\r\n")

    def _say(self, body: dict[str, Any], lines: list[dict[str, Any]]) -> None:
        """Whole for whoever wants it so: the last line with all that was said."""
        if full(body["model"]) not in self.fake.held:
            self._tell(*missing(body["model"]))
        elif body.get("stream") is False:
            self._tell(200, whole_of(lines))
        else:
            self._stream(iter(lines))

    def _create(self, body: dict[str, Any]) -> None:
        base = full(body["from"])
        if base not in self.fake.held:
            self._tell(500, {"error": AT_ONCE[Trouble.NOT_FOUND]})
            return
        self.fake.hold(body["model"], size=self.fake.held[base]["size"])
        said = (f"using existing layer {digest_of(base)}", "writing manifest")
        self._stream(iter([{"status": each} for each in (*said, "success")]))

    def _pull(self, name: str) -> Generator[dict[str, Any], None, None]:
        script = self.fake.script_for(name)
        with self.fake.pulling():
            yield {"status": "pulling manifest"}
            try:
                yield from self._layers(name, script)
            except Failed as failed:
                yield {"error": str(failed)}

    def _layers(self, name: str, script: Script | None) -> Iterator[dict[str, Any]]:
        if script and script.trouble in AT_ONCE:
            raise Failed(AT_ONCE[script.trouble])
        if name not in self.fake.offered:
            raise Failed(AT_ONCE[Trouble.NOT_FOUND])
        before = 0
        for layer in self.fake.offered[name]:
            yield from self._layer(layer, script, before)
            before += layer.size
        if self.dropped:
            return
        yield {"status": "verifying sha256 digest"}
        if script and script.trouble is Trouble.WRONG_BYTES:
            self._throw_away(self.fake.offered[name][0])
        yield {"status": "writing manifest"}
        self.fake.hold(name, size=before)
        yield {"status": "success"}

    def _layer(
        self, layer: Layer, script: Script | None, before: int
    ) -> Iterator[dict[str, Any]]:
        """Lines until it is whole, or goes wrong; the last one lies below the total."""
        breaks = (
            script if script and script.trouble is not Trouble.WRONG_BYTES else None
        )
        most = layer.size if not breaks else min(layer.size, breaks.after - before)
        with self.fake.joined(layer) as download:
            if download.done >= layer.size:
                yield progress(layer, layer.size)
            while not self.dropped and download.done < layer.size:
                self._look_for_hang_up()
                if (done := self.fake.move(download, most=max(most, 0))) >= layer.size:
                    return
                if breaks and done >= most:
                    yield from self._break(breaks.trouble, layer)
                else:
                    yield progress(layer, done)
                if self.fake.until_over(TICK):
                    self._drop()

    def _break(self, trouble: Trouble, layer: Layer) -> Iterator[dict[str, Any]]:
        if trouble is Trouble.DISK_FULL:
            raise Failed(FULL.format(layer.digest.replace(":", "-")))
        if trouble is Trouble.CUT:
            self._drop()
        if trouble is Trouble.STALL:
            yield progress(layer, int(self.fake.downloads[layer.digest].done))

    def _throw_away(self, layer: Layer) -> None:
        with self.fake.changed:
            self.fake.downloads.pop(layer.digest, None)
        raise Failed(DAMAGED.format(layer.digest))

    def _drop(self) -> None:
        self.dropped = self.close_connection = True

    def _look_for_hang_up(self) -> None:
        """A client that has left is seen at once, though nothing is sent to it."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        if readable and not self.connection.recv(1, socket.MSG_PEEK):
            raise BrokenPipeError


def progress(layer: Layer, done: int) -> dict[str, Any]:
    """Without `completed` as long as it is nothing."""
    said = f"pulling {layer.digest.removeprefix('sha256:')[:12]}"
    line = {"status": said, "digest": layer.digest, "total": layer.size}
    return {**line, "completed": done} if done else line


@contextmanager
def ollama(port: int = 0) -> Iterator[FakeOllama]:
    """A server that answers as long as the block runs; a port of one's own makes it come back."""
    fake = FakeOllama()
    handler = type("Bound", (Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(TICK,), name="ollama")
    thread.start()
    try:
        yield fake
    finally:
        fake.end()
        server.shutdown()
        server.server_close()
        thread.join()
