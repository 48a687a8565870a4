"""The web process ends in order, within five seconds, whatever hangs."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from twisted.web.http import RESPONSES

from dashboard.runner.programs import BASE_DIR
from dashboard.web_server import endpoint
from tests.house import free_port
from tests.processes import until

SERVE = """
import asyncio, sys, time
from pathlib import Path
from dashboard.web_server import WebServer

port, seconds, said = int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])

async def application(scope, receive, send):
    if scope["path"] == "/stuck":
        time.sleep(60)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})

async def last_words():
    said.write_text("begun")
    await asyncio.sleep(seconds)
    said.write_text("said")

server = WebServer(application, host="127.0.0.1", port=port, last_words=last_words)
server.run()
sys.exit(server.refusal or 0)
"""


@contextmanager
def serving(
    port: int, said: Path, *, seconds: float = 0
) -> Iterator[subprocess.Popen[str]]:
    """A web process whose last words take so long."""
    words = [str(port), str(seconds), str(said)]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, *words],
        cwd=BASE_DIR,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            until(lambda: answers(port) or process.poll() is not None)
            yield process
        finally:
            process.kill()


def answers(port: int, path: str = "/") -> bool:
    try:
        address = f"http://127.0.0.1:{port}{path}"
        return httpx.get(address, timeout=1, trust_env=False).text == "hello"
    except httpx.TransportError:
        return False


def test_open_replies_are_closed_before_it_ends(tmp_path: Path) -> None:
    with serving(free_port(), tmp_path / "said", seconds=0.3) as process:
        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 0
        assert (tmp_path / "said").read_text() == "said"


def test_nobody_is_let_in_while_it_ends(tmp_path: Path) -> None:
    port = free_port()
    with serving(port, tmp_path / "said", seconds=2) as process:
        process.send_signal(signal.SIGTERM)

        until(lambda: not answers(port))
        assert process.poll() is None


def test_it_does_not_wait_for_ever(tmp_path: Path) -> None:
    with serving(free_port(), tmp_path / "said", seconds=60) as process:
        began = time.monotonic()

        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 0
        assert time.monotonic() - began < 10
        assert (tmp_path / "said").read_text() == "begun"


def test_a_stuck_process_is_ended_by_the_kernel(tmp_path: Path) -> None:
    port = free_port()
    with serving(port, tmp_path / "said") as process:
        assert not answers(port, "/stuck")

        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == -signal.SIGALRM


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    port = free_port()
    with serving(port, tmp_path / "said"), serving(port, tmp_path / "other") as second:
        assert second.wait(20) == 1
        assert second.stderr
        assert f"Couldn't listen on 127.0.0.1:{port}" in second.stderr.read()


def test_each_status_has_its_words() -> None:
    assert RESPONSES[429] == b"Too Many Requests"


def test_an_address_with_colons_is_written_for_twisted() -> None:
    assert endpoint("[::1]", 80) == r"tcp:80:interface=\:\:1:backlog=1024"
