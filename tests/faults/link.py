"""A page's one socket: `static/js/live.js` in Python, with the ways to disturb it."""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.faults.ledger import Ledger

LONGEST = 5.0
ACK_EVERY = 50
Event = dict[str, Any]


class Link:
    """Commands up, events down, and it always comes back."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        ledger: Ledger,
        tell: Callable[[Event], None],
    ) -> None:
        self.http, self.url, self.ledger, self.tell = http, url, ledger, tell
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self.after_next_send: Callable[[], None] | None = None
        self.double_next_send = False
        self.stalled_for = 0.0
        self.received = 0

    async def stay(self) -> None:
        """Connect, listen, and connect again, until cancelled."""
        tries = 0
        while True:
            try:
                async with self.http.ws_connect(
                    f"{self.url}/ws/", origin=self.url, autoping=True
                ) as self.socket:
                    self.received = 0
                    if await self.listen(self.socket):
                        tries = 0
            except (aiohttp.ClientError, OSError):
                self.ledger.counts["failed connects"] += 1
            finally:
                self.socket = None
            # As `pause` of live.js, so that not all come back at once.
            share = 0.5 + random.random() / 2
            await asyncio.sleep(min(LONGEST, 0.25 * 2**tries) * share)
            tries += 1

    async def listen(self, socket: aiohttp.ClientWebSocketResponse) -> bool:
        """Tell of each frame until the socket closes; whether anything came at all."""
        async for frame in socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                continue
            self.received += 1
            self.tell(json.loads(frame.data))
            if self.received % ACK_EVERY == 0:
                self.send({"kind": "ack", "frames": self.received})
            if self.stalled_for:
                await self.stall(socket)
        self.ledger.counts[f"sockets lost, code {socket.close_code}"] += 1
        return self.received > 0

    @property
    def is_open(self) -> bool:
        return self.socket is not None and not self.socket.closed

    def send(self, frame: Event) -> bool:
        """False when no socket is open: then nothing was sent."""
        if self.socket is None or self.socket.closed:
            return False
        is_message = frame["kind"] == "message.send"
        twice = is_message and self.double_next_send
        asyncio.ensure_future(self._write(self.socket, frame, twice=twice))  # noqa: RUF006
        if is_message:
            self.double_next_send = False
        return True

    async def _write(
        self, socket: aiohttp.ClientWebSocketResponse, frame: Event, *, twice: bool
    ) -> None:
        try:
            for _ in range(1 + twice):
                await socket.send_json(frame)
        except (aiohttp.ClientError, OSError):
            self.ledger.counts["failed writes"] += 1
        if self.after_next_send and frame["kind"] == "message.send":
            strike, self.after_next_send = self.after_next_send, None
            strike()

    def cut(self) -> None:
        """End the connection as a broken network does, with nothing said."""
        if transport := self._transport():
            transport.abort()

    async def stall(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Read nothing for a while, not even what the kernel has."""
        seconds, self.stalled_for = self.stalled_for, 0.0
        if transport := self._transport():
            transport.pause_reading()
        await asyncio.sleep(seconds)
        if (transport := self._transport()) and not transport.is_closing():
            transport.resume_reading()

    def _transport(self) -> asyncio.Transport | None:
        connection = self.socket and self.socket._conn
        transport = connection.transport if connection else None
        return transport if isinstance(transport, asyncio.Transport) else None
