"""A model server that costs next to nothing: numbered tokens, each at its time.

Run as `python -m bench.fake_server [PORT]`; it prints its port. Each token has its due time from
the start of its stream, so that a late one delays none after it.
"""

import asyncio
import json
import sys
from functools import cache
from uuid import uuid4

from bench.numbered import asked, tokens

MODEL = "numbered"
STREAM = b"text/event-stream"
JSON = b"application/json"


HUNG, LYING = "/hung", "/lying"
"""Below these the server never answers, or lists something else at every question."""


class Connection(asyncio.Protocol):
    """One connection: requests in, and for each an answer or a stream."""

    def __init__(self) -> None:
        self.held = b""
        self.telling: Telling | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.telling:
            self.telling.end()

    def data_received(self, data: bytes) -> None:
        self.held += data
        head, end, rest = self.held.partition(b"\r\n\r\n")
        length = _length(head)
        if not end or len(rest) < length:
            return
        self.held = rest[length:]
        self.answer(head, rest[:length])

    def answer(self, head: bytes, body: bytes) -> None:
        place, _, path = head.split(b" ", 2)[1].decode().partition("/v1/")
        if place == HUNG:
            return
        if path == "chat/completions":
            wanted = json.loads(body)
            count, rate = asked(wanted["messages"][-1]["content"])
            if wanted.get("stream"):
                self.telling = Telling(self.transport, count=count, rate=rate)
            else:
                self.say(whole(count))
        elif path == "open":
            self.say({"open": Telling.under_way})
        elif path == "models":
            self.say({"object": "list", "data": models(place)})
        else:
            self.say({"detail": "Not Found"}, status=b"404 Not Found")

    def say(self, told: object, *, status: bytes = b"200 OK") -> None:
        body = json.dumps(told).encode()
        length = b"Content-Length: %d" % len(body)
        self.transport.write(_head(JSON, length, status=status) + body)


class Telling:
    """One reply on its way: the first token at once, each other one at its time."""

    under_way = 0
    """How many of them there are."""

    def __init__(self, transport: asyncio.Transport, *, count: int, rate: int) -> None:
        self.transport = transport
        self.pieces = pieces(count)
        self.gap = 1 / rate
        self.loop = asyncio.get_running_loop()
        self.began = self.loop.time()
        self.sent = 0
        self.over = False
        Telling.under_way += 1
        transport.write(_head(STREAM, b"Transfer-Encoding: chunked"))
        self.tick()

    def tick(self) -> None:
        """Send what is due by now, and come again when the next one is."""
        due = int((self.loop.time() - self.began) / self.gap + 0.001) + 1
        self.transport.write(b"".join(self.pieces[self.sent : due]))
        self.sent = max(self.sent, due)
        if self.sent < len(self.pieces):
            when = self.began + self.sent * self.gap
            self.timer = self.loop.call_at(when, self.tick)
        else:
            self.end()

    def end(self) -> None:
        """All is said, or the client has hung up."""
        self.sent = len(self.pieces)
        Telling.under_way -= not self.over
        self.over = True


def models(place: str) -> list[dict[str, object]]:
    """One model; below `/NAME-COUNT` so many of that name."""
    if place == LYING:
        names = [f"{uuid4()}{'x' * 400}", str(uuid4()), "nul\0"]
        return [{"id": name, "max_model_len": 10**30} for name in names]
    name, _, count = place.strip("/").partition("-")
    names = [f"{name}-model-{number}:7b" for number in range(int(count or 0))]
    return [{"id": each, "max_model_len": 8192} for each in names or [MODEL]]


@cache
def pieces(count: int) -> list[bytes]:
    """What goes out for each token of a reply; the last one takes the end along."""
    said = [_chunk({"content": token}) for token in tokens(count)]
    usage = {"prompt_tokens": 1, "completion_tokens": count, "total_tokens": count + 1}
    end = _chunk({}, finish="stop") + _event({"choices": [], "usage": usage})
    said[-1] += end + _piece(b"data: [DONE]\n\n") + b"0\r\n\r\n"
    return said


def whole(count: int) -> dict[str, object]:
    """A reply that comes all at once."""
    message = {"role": "assistant", "content": "".join(tokens(count))}
    usage = {"prompt_tokens": 1, "completion_tokens": count, "total_tokens": count + 1}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    common = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1}
    return common | {"model": MODEL, "choices": [choice], "usage": usage}


def _chunk(delta: dict[str, str], *, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _event({"choices": [choice]})


def _event(said: dict[str, object]) -> bytes:
    common = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1}
    return _piece(
        b"data: %s\n\n" % json.dumps(common | {"model": MODEL} | said).encode()
    )


def _piece(event: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(event), event)


def _head(kind: bytes, length: bytes, *, status: bytes = b"200 OK") -> bytes:
    lines = (b"HTTP/1.1 " + status, b"Content-Type: " + kind, length)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def main() -> None:
    loop = asyncio.get_running_loop()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = await loop.create_server(Connection, "127.0.0.1", port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
