"""What a person reads when Paddock comes up, and when a part of it does not."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dashboard.runner.announce import Watch, announce
from dashboard.runner.announcement import health_address

RUNNING = "INFO success: {} entered RUNNING state, process has stayed up\n"


class Healthz(BaseHTTPRequestHandler):
    """A health page whose status is the last part of its path."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.rpartition("/")[2]))
        self.end_headers()
        self.wfile.write(b'{"redis": "away"}')

    def log_message(self, *words: object) -> None:
        """Nothing is written to stderr."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Healthz) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def make_watch(healthz: str, log: Path, *running: str) -> Watch:
    log.write_text("INFO success: web entered, but long ago\n")
    start = log.stat().st_size
    log.write_text(log.read_text() + "".join(map(RUNNING.format, running)))
    return Watch(healthz, str(log), start, ["valkey", "web"], greeting="Paddock is up.")


def test_one_line_when_all_is_well(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = make_watch(f"{server}/200", tmp_path / "log", "valkey", "web")

    announce(watch, patience=1)

    assert capsys.readouterr().out == "Paddock is up.\n"


def test_a_program_that_did_not_come_up_is_named_with_its_log(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = make_watch(f"{server}/200", tmp_path / "log", "valkey")

    announce(watch, patience=0.2)

    said = capsys.readouterr().out
    assert "The program “web” did not come up" in said
    assert str(tmp_path / "web.log") in said
    assert "valkey" not in said


def test_a_sick_health_page_is_quoted(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = make_watch(f"{server}/503", tmp_path / "log", "valkey", "web")

    announce(watch, patience=0.2)

    said = capsys.readouterr().out
    assert "not healthy" in said
    assert '{"redis": "away"}' in said


def test_no_health_page_leads_to_the_logs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = make_watch("http://127.0.0.1:1/healthz", tmp_path / "log")

    announce(watch, patience=0.2)

    assert f"The logs are in {tmp_path}." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:80/healthz"),
        ("0.0.0.0", "http://127.0.0.1:80/healthz"),  # noqa: S104
        ("::", "http://[::1]:80/healthz"),
        ("[::1]", "http://[::1]:80/healthz"),
    ],
)
def test_an_address_for_all_is_asked_on_loopback(host: str, address: str) -> None:
    assert health_address(host, 80) == address
