"""A page without a browser: a socket that has joined its person's conversation."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import aiohttp

from bench.fake_server import MODEL
from bench.house import Member
from bench.numbered import asked
from bench.reply import Frame, check_final, message_in, stream_of
from bench.streams import Stream, Wrong

PATIENCE = 30
"""Seconds between two frames, after which a listener gives up."""
ACKNOWLEDGED = 50
"""Frames after which a page says that it has them."""


class Listener:
    """What a person has open; one question at a time."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        socket: aiohttp.ClientWebSocketResponse,
        member: Member,
    ) -> None:
        self.http = http
        self.socket = socket
        self.member = member
        self.asked_at = 0.0
        self.frames: list[Frame] = []
        self.heard = 0

    async def ask(self, text: str) -> None:
        """Send a message and hear its reply to the end; `stream` tells what came."""
        await self.begin(text)
        await self.hear("message.closed")

    async def begin(self, text: str, *, target: str = MODEL) -> None:
        """Send a message, and hear nothing yet."""
        self.frames = []
        self.asked_at = time.perf_counter()
        await self.send("message.send", text=text, key=str(uuid4()), target=target)

    async def stream(self, text: str) -> Stream:
        """The reply of `ask`, checked to the last token; it is fetched once more here."""
        url = f"{self.member.address}messages/{message_in(self.frames)}/"
        async with self.http.get(url, headers=self.member.headers) as response:
            check_final(await response.text(), count=asked(text)[0])
        return stream_of(self.asked_at, self.frames)

    async def send(self, kind: str, **fields: str | int) -> None:
        frame = {"kind": kind, "conversation": self.member.conversation, **fields}
        await self.socket.send_json(frame)

    async def hear(self, kind: str) -> None:
        """Keep the frames that come, up to the first of that kind."""
        try:
            while True:
                frame = await self.socket.receive_str(timeout=PATIENCE)
                self.frames.append((time.perf_counter(), frame))
                await self._acknowledge()
                if kind in frame[:64]:
                    return
        except (TimeoutError, TypeError) as silence:
            last = self.frames[-1:] or "nothing"
            raise Wrong(f"{kind} never came; the last was {last}.") from silence

    async def _acknowledge(self) -> None:
        self.heard += 1
        if self.heard % ACKNOWLEDGED == 0:
            await self.socket.send_json({"kind": "ack", "frames": self.heard})


@asynccontextmanager
async def listening(
    http: aiohttp.ClientSession, member: Member
) -> AsyncIterator[Listener]:
    """A listener that hears what happens in the member's conversation."""
    async with http.ws_connect(
        f"{member.url}/ws/", origin=member.url, headers=member.headers
    ) as socket:
        listener = Listener(http, socket, member)
        await listener.hear("hello")
        await listener.send("conversation.join")
        await listener.hear("conversation.joined")
        yield listener
