"""Stop on the real engine: how long its slot stays taken after somebody pressed it."""

import asyncio
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp

from bench.house import Member, add_members, house_up, in_shell
from bench.listener import listening
from bench.streams import Wrong
from bench.table import Row

STOPS = 10
QUESTION = "Write a very long story about a lighthouse, in at least two thousand words."
PATIENCE = 10.0


def stopping(data: Path) -> Iterator[Row]:
    """Milliseconds from the stop to a free slot, over several replies."""
    with house_up(data, PADDOCK_ENGINE="on") as house:
        (member,) = add_members(house, 1)
        engine, target = in_shell(house, "rows", "starter()")
        waits = asyncio.run(_stops(member, engine, target))
    half, worst = statistics.median(waits), max(waits)
    yield Row("stop to a free slot of llama.cpp, p50, s", f"{half:.2f}", target="≤ 0.5")
    yield Row(
        "stop to a free slot of llama.cpp, worst, s", f"{worst:.2f}", target="≤ 0.5"
    )


async def _stops(member: Member, engine: str, target: str) -> list[float]:
    async with aiohttp.ClientSession() as http:
        return [await _stop(http, member, engine, target) for _ in range(STOPS)]


async def _stop(
    http: aiohttp.ClientSession, member: Member, engine: str, target: str
) -> float:
    async with listening(http, member) as listener:
        await listener.begin(QUESTION, target=target)
        await listener.hear("message.delta")
        message = json.loads(listener.frames[-1][1])["message"]
        if not await _busy(http, engine):
            raise Wrong("The engine was done before it was stopped.")
        began = time.perf_counter()
        await listener.send("message.stop", message=message)
        while await _busy(http, engine):
            if time.perf_counter() - began > PATIENCE:
                raise Wrong("The slot was never free again.")
            await asyncio.sleep(0.005)
        spent = time.perf_counter() - began
        await listener.hear("message.closed")
        return spent


async def _busy(http: aiohttp.ClientSession, engine: str) -> bool:
    async with http.get(f"{engine}/slots") as response:
        return any(slot["is_processing"] for slot in await response.json())
