"""A model server in a thread that writes numbered words at its own pace, for whole houses."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

MODEL = "paced"
WORDS = 300
PACE = 0.02


class Speaker(BaseHTTPRequestHandler):
    """Answers as an OpenAI-compatible server; ends when its client hangs up."""

    protocol_version = "HTTP/1.1"
    model: ClassVar[str] = MODEL

    def do_GET(self) -> None:
        self.tell(self.listed().get(self.path))

    def tell(self, told: object) -> None:
        body = json.dumps(told or {}).encode()
        self.send_response(200 if told else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def listed(self) -> dict[str, object]:
        """What it answers to each path."""
        return {"/v1/models": {"data": [{"id": self.model}]}}

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not asked.get("stream"):
            time.sleep(PACE)
            self.tell(whole(asked))
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            for event in self.reply_to(asked):
                self.wfile.write(b"data: " + event + b"\n\n")
                self.wfile.flush()
                time.sleep(PACE)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def reply_to(self, asked: dict[str, Any]) -> Iterator[bytes]:
        return said()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def said() -> Iterator[bytes]:
    for number in range(WORDS):
        yield chunk({"content": f"word{number}{paragraph(number)} "})
    yield from end(WORDS)


def whole(asked: dict[str, Any]) -> dict[str, object]:
    """An answer that repeats what was asked last."""
    said = asked.get("messages", [{"content": ""}])[-1]["content"]
    message = {"role": "assistant", "content": said}
    return {
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3},
    }


def end(words: int) -> Iterator[bytes]:
    yield chunk({}, finish_reason="stop")
    usage = {"prompt_tokens": 9, "completion_tokens": words}
    yield json.dumps({"choices": [], "usage": usage}).encode()
    yield b"[DONE]"


def paragraph(number: int) -> str:
    return ".\n\n" if number % 20 == 19 else ""


def chunk(delta: dict[str, str], **more: str) -> bytes:
    return json.dumps({"choices": [{"index": 0, "delta": delta, **more}]}).encode()


@contextmanager
def speaking(speaker: type[Speaker] = Speaker) -> Iterator[str]:
    """Its address, while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), speaker)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
