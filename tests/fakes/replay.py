"""A model server that replays what one once sent, over a real socket, as badly as told."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import pairwise
from typing import Any


class End(Enum):
    """What happens after the last byte of a body; dripping is one more byte for ever."""

    WHOLE = auto()
    EARLY = auto()
    RESET = auto()
    HANG = auto()
    DRIP = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its body goes out in pieces, cut where `cuts` says."""

    body: bytes = b""
    status: int = 200
    kind: str = "text/event-stream"
    cuts: Sequence[int] = ()
    end: End = End.WHOLE
    headers: Mapping[str, str] = field(default_factory=dict)

    def pieces(self) -> list[bytes]:
        edges = [0, *self.cuts, len(self.body)]
        return [
            self.body[start:stop] for start, stop in pairwise(edges) if start < stop
        ]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def told(body: object, *, status: int = 200) -> Answer:
    """An answer of JSON, not a stream."""
    return Answer(json.dumps(body).encode(), status=status, kind="application/json")


NOT_FOUND = told({"detail": "Not Found"}, status=404)


@dataclass(slots=True)
class Replay:
    """The running server: what it was asked, and whether its client hung up on it."""

    answers: dict[str, list[Answer]]
    otherwise: Answer = NOT_FOUND
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""
    open: dict[asyncio.StreamWriter, asyncio.Event] = field(default_factory=dict)

    def next_answer(self, path: str) -> Answer:
        waiting = self.answers.get(path, [self.otherwise])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        ended = self.open[writer] = asyncio.Event()
        try:
            more = True
            while more and (asked := await _read_request(reader)):
                self.asked.append(asked)
                answer = self.next_answer(asked.path)
                await _say(answer, writer)
                more = await self._end(answer.end, reader, writer)
        except ConnectionError:
            self.hung_up.set()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            ended.set()

    async def close(self) -> None:
        """End what still runs, so that no test leaves a socket behind."""
        for writer, ended in self.open.items():
            writer.transport.abort()
            await ended.wait()

    async def _end(
        self, end: End, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether the connection may be used again."""
        match end:
            case End.WHOLE:
                writer.write(b"0\r\n\r\n")
                await writer.drain()
            case End.HANG:
                await reader.read()
                self.hung_up.set()
            case End.DRIP:
                await self._drip(writer)
            case End.RESET:
                at_once = struct.pack("ii", 1, 0)
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        return end is End.WHOLE

    async def _drip(self, writer: asyncio.StreamWriter) -> None:
        """Until the client hangs up, which ends in a `ConnectionError`."""
        while not writer.is_closing():
            writer.write(b"1\r\n \r\n")
            await writer.drain()
            await asyncio.sleep(0)
        self.hung_up.set()


@asynccontextmanager
async def replaying(
    answers: Mapping[str, Answer | Sequence[Answer]], *, otherwise: Answer = NOT_FOUND
) -> AsyncIterator[Replay]:
    """A server that gives each path its answers in turn, the last one again and again.

    A path with a query is another path; all that are not named get `otherwise`.
    """
    lists = {
        path: [each] if isinstance(each, Answer) else [*each]
        for path, each in answers.items()
    }
    replay = Replay(lists, otherwise)
    server = await asyncio.start_server(replay.serve, "127.0.0.1", 0)
    replay.url = "http://127.0.0.1:{1}".format(*server.sockets[0].getsockname())
    async with server:
        try:
            yield replay
        finally:
            await replay.close()


async def _say(answer: Answer, writer: asyncio.StreamWriter) -> None:
    writer.write(_head(answer))
    for piece in answer.pieces():
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        await writer.drain()
        # The client reads in the same loop: this lets each piece arrive alone.
        for _ in range(3):
            await asyncio.sleep(0)


def _head(answer: Answer) -> bytes:
    lines = [
        f"HTTP/1.1 {answer.status} Said",
        f"Content-Type: {answer.kind}",
        "Transfer-Encoding: chunked",
        *(f"{name}: {value}" for name, value in answer.headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def _read_request(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.split(": ", 1) for line in lines)
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, path, headers, body)
