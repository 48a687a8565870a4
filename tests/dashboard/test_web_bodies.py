"""Nobody fills the memory of a web process with what they send."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from dashboard.runner.programs import BASE_DIR
from dashboard.web_bodies import limit_of
from tests.house import environment, free_port
from tests.processes import until

SERVE = """
import os, sys

os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
from dashboard.web_server import WebServer

async def application(scope, receive, send):
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})

async def last_words():
    pass

told = {"host": "127.0.0.1", "port": int(sys.argv[1]), "last_words": last_words}
WebServer(application, **told, silence=1).run()
"""
MEGABYTE = 1_000_000
CHUNK = bytes(MEGABYTE)
MANY = 100
"""Megabytes: far more than a process may grow by."""


class Served:
    """A web process in which programs may send two megabytes at once, and files of three."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        limits = {"PADDOCK_API_BODY_MB": "2", "PADDOCK_BATCH_MB": "3"}
        told = environment(folder, **limits)
        words = [sys.executable, "-c", SERVE, str(self.port)]
        self.process = subprocess.Popen(words, cwd=BASE_DIR, env=told)
        until(self.answers)

    def answers(self) -> bool:
        try:
            return self.post("/v1/chat", b"four").text == "4"
        except httpx.TransportError:
            assert self.process.poll() is None
            return False

    def post(self, path: str, body: bytes | Iterator[bytes]) -> httpx.Response:
        address = f"http://127.0.0.1:{self.port}{path}"
        return httpx.post(address, content=body, timeout=20, trust_env=False)

    def call(self, *lines: str) -> socket.socket:
        """A connection on which the head of a request has been sent."""
        call = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        head = (f"POST {lines[0]} HTTP/1.1", "Host: here", *lines[1:], "", "")
        call.sendall("\r\n".join(head).encode())
        return call

    @property
    def memory(self) -> int:
        """Megabytes."""
        return int(psutil.Process(self.process.pid).memory_info().rss / MEGABYTE)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("bodies"))
    with served.process:
        yield served
        served.process.kill()


def heard(call: socket.socket) -> bytes:
    """All that the server says until it has no more to say."""
    with call:
        return b"".join(iter(lambda: call.recv(65_536), b""))


def test_what_is_not_too_large_arrives(served: Served) -> None:
    assert served.post("/v1/chat", bytes(2 * MEGABYTE)).text == "2000000"
    assert served.post("/v1/chat", iter([CHUNK, CHUNK])).text == "2000000"


def test_a_body_that_says_how_large_it_is_is_refused_before_it_comes(
    served: Served,
) -> None:
    answer = heard(served.call("/v1/chat", "Content-Length: 2000001"))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code": "request_too_large"' in answer


def test_who_asks_whether_to_go_on_is_not_told_to(served: Served) -> None:
    told = ("Content-Length: 2000001", "Expect: 100-continue")

    assert b"100 Continue" not in heard(served.call("/v1/chat", *told))


@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_sent_all_the_same_is_not_kept(
    served: Served, *, chunked: bool
) -> None:
    before, highest = served.memory, 0

    def chunks() -> Iterator[bytes]:
        nonlocal highest
        for _ in range(MANY):
            yield CHUNK
            highest = max(highest, served.memory)

    answer = served.post("/v1/chat", chunks() if chunked else CHUNK * MANY)

    assert answer.status_code == 413
    assert max(highest, served.memory) < before + 20


def test_a_body_in_chunks_is_refused_while_it_comes(served: Served) -> None:
    call = served.call("/v1/chat", "Transfer-Encoding: chunked")
    call.sendall(b"1E8481\r\n" + bytes(2_000_001))

    assert heard(call).startswith(b"HTTP/1.1 413 ")


def test_pages_take_their_own_amount(served: Served) -> None:
    assert served.post("/chat/", bytes(10 * MEGABYTE)).text == "10000000"

    refused = served.post("/chat/", bytes(11 * MEGABYTE))
    assert (refused.status_code, refused.headers["content-type"][:10]) == (
        413,
        "text/plain",
    )
    assert refused.text.startswith("The request is larger than 10 MB. Go back")


@pytest.mark.parametrize("path", ["/batches/", "/v1/files"])
def test_a_file_of_a_batch_is_bounded_by_what_was_set(
    served: Served, path: str
) -> None:
    assert served.post(path, bytes(4 * MEGABYTE)).text == "4000000"

    refused = served.post(path, bytes(5 * MEGABYTE))
    assert "The request is larger than 3 MB." in refused.text


def test_a_program_of_ollamas_is_refused_as_ollama_does(served: Served) -> None:
    for path in ("/api/chat", "/key/pdk-1/api/chat"):
        answer = served.post(path, bytes(3 * MEGABYTE))

        assert answer.json() == {"error": "The request is larger than 2 MB."}


def test_who_sends_nothing_more_is_given_up(served: Served) -> None:
    assert heard(served.call("/v1/chat", "Content-Length: 1000")) == b""


def test_the_next_request_of_a_connection_is_bounded_too(served: Served) -> None:
    with served.call("/v1/chat", "Content-Length: 4") as call:
        call.sendall(b"four")
        assert call.recv(65_536).startswith(b"HTTP/1.1 200 ")
        call.sendall(b"POST /v1/chat HTTP/1.1\r\nContent-Length: 2000001\r\n\r\n")

        assert call.recv(65_536).startswith(b"HTTP/1.1 413 ")


def test_what_is_refused_leaves_nothing_behind(served: Served) -> None:
    process = psutil.Process(served.process.pid)
    until(lambda: len(process.net_connections()) == 1, seconds=5)

    for _ in range(3):
        heard(served.call("/v1/chat", "Content-Length: 2000001"))

    until(lambda: len(process.net_connections()) == 1, seconds=5)


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/v1/chat/completions", 32),
        ("/key/pdk-x/api/chat", 32),
        ("/v1/files", 201),
        ("/key/pdk-x/v1/files", 201),
        ("/v1/files/file-1/content", 32),
        ("/batches/", 201),
        ("/batches/one/cancel/", 10),
        ("/login/", 10),
    ],
)
def test_each_address_takes_as_much_as_it_needs(address: str, most: int) -> None:
    assert limit_of(address).most == most
