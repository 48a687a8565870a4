"""Whoever kills processes, cuts sockets and closes tabs, on a schedule that a seed decides."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence

from tests.faults.ledger import Ledger
from tests.faults.tab import Tab
from tests.house import House

KILL_WEB = "kill -9 of web"
END_WEB = "SIGTERM of web"
KILL_WORKER = "kill -9 of the worker"
KILL_VALKEY = "kill -9 of Valkey"
CUT = "sockets cut"
CUT_AT_SEND = "sockets cut right after a send"
CLOSE = "tabs closed"
CLOSE_AT_SEND = "tabs closed right after a send"
DOUBLE = "sends doubled"
STALL = "sockets not read"
KINDS = (
    KILL_WEB,
    END_WEB,
    KILL_WORKER,
    KILL_VALKEY,
    CUT,
    CUT_AT_SEND,
    CLOSE,
    CLOSE_AT_SEND,
    DOUBLE,
    STALL,
)
SIGNS = {
    KILL_WEB: "manage.py web",
    END_WEB: "manage.py web",
    KILL_WORKER: "-Q short",
    KILL_VALKEY: "valkey-server",
}
WELL_WITHIN = 60.0


class Gremlin:
    """Makes one fault after the other; each time the house must be well again."""

    def __init__(
        self,
        house: House,
        tabs: Sequence[Tab],
        ledger: Ledger,
        *,
        chance: random.Random,
        pause: tuple[float, float],
    ) -> None:
        self.house, self.tabs, self.ledger = house, tabs, ledger
        self.chance, self.pause = chance, pause

    async def rage(self, until: float) -> None:
        """Every kind of fault once, then any, until the loop's clock says so."""
        clock = asyncio.get_running_loop().time
        for number, kind in enumerate(self.schedule()):
            if number >= len(KINDS) and clock() > until:
                return
            await asyncio.sleep(self.chance.uniform(*self.pause))
            await self.strike(kind)
            await self.well()

    def schedule(self) -> Iterator[str]:
        yield from self.chance.sample(KINDS, len(KINDS))
        while True:
            yield self.chance.choice(KINDS)

    async def strike(self, kind: str) -> None:
        if kind in SIGNS:
            await self.end(kind)
            return
        at_sockets: dict[str, Callable[[Tab], None]] = {
            CUT: lambda tab: tab.link.cut(),
            CUT_AT_SEND: lambda tab: setattr(tab.link, "after_next_send", tab.link.cut),
            CLOSE: lambda tab: tab.close(),
            CLOSE_AT_SEND: lambda tab: setattr(tab.link, "after_next_send", tab.close),
            DOUBLE: lambda tab: setattr(tab.link, "double_next_send", True),
            STALL: lambda tab: setattr(
                tab.link, "stalled_for", self.chance.uniform(2, 8)
            ),
        }
        self.ledger.hit(kind)
        for tab in self.chance.sample(self.tabs, 1 + len(self.tabs) // 2):
            at_sockets[kind](tab)

    async def end(self, kind: str) -> None:
        """End a process, and wait for the one that takes its place."""
        sign = SIGNS[kind]
        number = signal.SIGTERM if kind == END_WEB else signal.SIGKILL
        before = await asyncio.to_thread(self.house.pid_of, sign)
        self.ledger.hit(kind)
        os.kill(before, number)
        await asyncio.to_thread(self.house.pid_of, sign, unlike=before)

    async def well(self) -> None:
        async def is_well() -> bool:
            return await asyncio.to_thread(self.house.is_well)

        await condition(is_well, seconds=WELL_WITHIN, what="The house is not well.")


async def condition(
    done: Callable[[], Awaitable[bool]], *, seconds: float, what: str
) -> None:
    """Look again and again until it is so."""
    try:
        async with asyncio.timeout(seconds):
            while not await done():
                await asyncio.sleep(0.05)
    except TimeoutError as never:
        raise AssertionError(what) from never
