"""A page that stops reading: a real web process, real sockets, twenty megabytes."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator

from bench.house import peak_mb
from dashboard.live.backlog import LIMIT, UTMOST
from dashboard.live.consumer import TRY_LATER, LiveConsumer
from dashboard.live.events import HOUSE
from dashboard.runner.programs import BASE_DIR
from tests.house import free_port
from tests.processes import until

SERVE = """
import sys, types
import django

django.setup()
from dashboard.live.consumer import LiveConsumer
from dashboard.web_server import WebServer

class Patient(LiveConsumer):
    patience = float(sys.argv[2])

page = Patient.as_asgi()
person = types.SimpleNamespace(pk=7, is_authenticated=True)

async def application(scope, receive, send):
    await page({**scope, "user": person}, receive, send)

async def last_words():
    pass

port = int(sys.argv[1])
WebServer(application, host="127.0.0.1", port=port, last_words=last_words).run()
"""
TEXT = "x" * 20_000
COUNT = 1_000
"""Frames of so much text: twenty megabytes."""


class Served:
    """A web process of one person's pages."""

    def __init__(self, *, patience: float) -> None:
        self.port = free_port()
        words = [str(self.port), str(patience)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, *words],
            cwd=BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "dashboard.settings"},
        )
        until(self.listens)

    def listens(self) -> bool:
        assert self.process.poll() is None
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture
def patience() -> float:
    return 60


@pytest.fixture
def served(patience: float) -> Iterator[Served]:
    served = Served(patience=patience)
    yield served
    served.process.kill()
    served.process.wait()


class Reader:
    """A socket that acknowledges what it reads."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.frames = 0
        self.bytes = 0

    async def read(self) -> dict[str, Any]:
        text = await self.socket.receive_str(timeout=20)
        self.frames += 1
        self.bytes += len(text)
        await self.socket.send_json({"kind": "ack", "frames": self.frames})
        return dict(json.loads(text))


@asynccontextmanager
async def readers(served: Served, count: int) -> AsyncIterator[list[Reader]]:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        url = f"ws://127.0.0.1:{served.port}/ws/"
        opened = [
            Reader(await stack.enter_async_context(http.ws_connect(url)))
            for _ in range(count)
        ]
        for each in opened:
            assert (await each.read())["kind"] == "hello"
        yield opened


async def publish(number: int, text: str = TEXT) -> None:
    frame = json.dumps({"kind": "number", "number": number, "text": text})
    envelope = {"type": "live.event", "group": HOUSE, "frame": frame}
    await get_channel_layer().group_send(HOUSE, envelope)


async def publish_to(quick: list[Reader], count: int) -> None:
    """Twenty megabytes, each frame once the quick readers have had the one before."""
    for number in range(count):
        await publish(number)
        for each in quick:
            assert (await each.read())["number"] == number


async def test_a_slow_reader_slows_nobody_and_is_told_to_refetch(
    served: Served,
) -> None:
    async with readers(served, 3) as (slow, *quick):
        before = peak_mb(served.process.pid)

        await publish_to(quick, COUNT)

        assert peak_mb(served.process.pid) - before < 10
        heard = [await slow.read()]
        while heard[-1]["kind"] == "number":
            heard.append(await slow.read())
        assert heard[-1]["kind"] == "refetch"
        assert slow.bytes < LIMIT + 1000
        await publish(-1)
        assert (await slow.read())["number"] == -1


@pytest.mark.parametrize("patience", [0.2])
async def test_a_socket_that_stays_behind_is_closed(served: Served) -> None:
    async with readers(served, 2) as (slow, *quick):
        await publish_to(quick, COUNT)

        while not slow.socket.closed:
            await slow.socket.receive(timeout=20)
        assert slow.socket.close_code == TRY_LATER


class Impatient(LiveConsumer):
    patience = 0


async def opened() -> WebsocketCommunicator:
    page = WebsocketCommunicator(Impatient.as_asgi(), "/ws/")
    page.scope["user"] = SimpleNamespace(pk=7, is_authenticated=True)
    await page.connect()
    assert (await page.receive_json_from())["kind"] == "hello"
    await page.send_json_to({"kind": "ack", "frames": 1})
    return page


async def test_a_page_that_is_behind_still_gets_answers_to_what_it_asks() -> None:
    page = await opened()
    await publish(1, "x" * LIMIT)
    await publish(2)
    assert (await page.receive_json_from())["number"] == 1

    await page.send_json_to({"kind": "ping"})

    assert (await page.receive_json_from())["kind"] == "pong"
    assert await page.receive_output() == {"type": "websocket.close", "code": TRY_LATER}


async def test_a_page_that_asks_on_and_reads_nothing_is_closed() -> None:
    page = await opened()
    await publish(1, "x" * UTMOST)
    assert (await page.receive_json_from())["number"] == 1

    assert await page.receive_output() == {"type": "websocket.close", "code": TRY_LATER}


@pytest.mark.parametrize("frames", [-1, 2, "1", 1.0, True, None])
async def test_a_wrong_acknowledgement_is_a_bad_command(frames: object) -> None:
    page = await opened()

    await page.send_json_to({"kind": "ack", "frames": frames})

    assert (await page.receive_json_from())["code"] == "bad_command"
    await page.send_json_to({"kind": "ack", "frames": 2})
    assert await page.receive_nothing()
    await page.disconnect()
