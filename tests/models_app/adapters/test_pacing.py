"""A fast reply is read once a tick, its beginning and a slow one as they come."""

import asyncio
from dataclasses import dataclass, field

from models_app.adapters.pacing import AT_ONCE, FULL, TICK, paced


@dataclass
class Server:
    """Sends a token each `every` seconds of a clock that nobody waits for."""

    every: float
    piece: bytes = b"."
    now: float = 100.0
    sent: int = 0
    read: list[int] = field(default_factory=list)

    async def __call__(self) -> bytes:
        came = int((self.now - 100) / self.every + 1e-6)
        if came == self.sent:
            came += 1
            self.now = 100 + came * self.every
        self.read.append(came - self.sent)
        self.sent = came
        return self.piece

    async def sleep(self, seconds: float) -> None:
        self.now += seconds + 1e-6

    def clock(self) -> float:
        return self.now


def reads_of(server: Server, count: int) -> list[int]:
    """How many tokens each of so many reads brought."""

    async def read_on() -> None:
        read = paced(server, now=server.clock, sleep=server.sleep)
        for _ in range(count):
            await read()

    asyncio.run(read_on())
    return server.read


def test_the_beginning_of_a_reply_is_read_as_it_comes() -> None:
    assert reads_of(Server(every=0.001), AT_ONCE) == [1] * AT_ONCE


def test_a_fast_reply_is_read_once_a_tick() -> None:
    later = reads_of(Server(every=TICK / 10), AT_ONCE + 20)[AT_ONCE + 1 :]
    assert set(later) <= {9, 10, 11}


def test_a_slow_reply_is_read_as_it_comes() -> None:
    server = Server(every=TICK * 3)
    assert set(reads_of(server, AT_ONCE + 20)) == {1}
    assert server.now == 100 + server.sent * server.every


def test_no_token_waits_for_longer_than_a_tick() -> None:
    server = Server(every=TICK * 0.7)
    reads_of(server, AT_ONCE + 50)
    assert server.now - (100 + server.sent * server.every) < TICK + 1e-5


def test_what_is_much_waits_for_no_tick() -> None:
    server = Server(every=TICK / 100, piece=b"x" * FULL)
    assert set(reads_of(server, AT_ONCE + 20)) == {1}
