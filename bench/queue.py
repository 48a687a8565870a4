"""The door to the GPU: what the queue takes where a slot is free, and what a failover does."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bench.house import Member, add_members, fake_server, house_up, in_shell
from bench.listener import listening
from bench.numbered import ask_for
from bench.servers import wait_until
from bench.streams import Stream, Wrong, first_token_ms
from bench.table import Row
from dashboard.runner.valkey import valkey_address
from models_app.serving.slots.door import Door, open_link
from models_app.serving.slots.place import Place
from models_app.serving.slots.wishes import Candidate, Wish
from tests.house import House

PREFIX = "bench:{slots}:"
ROUNDS = 1000
OTHERS = 50
MODELS = 10
FREE, FULL = (Candidate(1, OTHERS),), (Candidate(2, 0),)


def queue(data: Path) -> Iterator[Row]:
    """A place and back, alone and among others; then ten servers that refuse."""
    with house_up(data) as house:
        yield from asyncio.run(_places(valkey_address(house.data)))
        yield _failover(house)


async def _places(redis_url: str) -> list[Row]:
    link = open_link(redis_url)
    door = Door(link, PREFIX)
    try:
        ping = await _median_ms(lambda number: link.ping())
        alone = await _median_ms(lambda number: _in_and_out(door, number))
        async with _others(door):
            among = await _median_ms(lambda number: _in_and_out(door, number))
    finally:
        await door.close()
    busy = f"{OTHERS // 2} run, {OTHERS} wait elsewhere"
    return [_place_row("nobody else", alone, ping), _place_row(busy, among, ping)]


def _place_row(who: str, spent: float, ping: float) -> Row:
    return Row(
        f"queue: a free slot and back, {who}, p50, ms",
        f"{spent:.2f}",
        direct=f"{ping:.2f} (PING)",
        target="≤ 1",
    )


async def _median_ms(work: Callable[[int], Awaitable[object]]) -> float:
    spent = []
    for number in range(ROUNDS):
        began = time.perf_counter()
        await work(number)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent) * 1000


async def _in_and_out(door: Door, number: int) -> None:
    place = await door.enter(Wish(f"mine-{number}", 1, 0, FREE))
    if place.waits:
        raise Wrong("A slot was free, and yet somebody had to wait.")
    await place.leave()


@asynccontextmanager
async def _others(door: Door) -> AsyncIterator[None]:
    """Half as many run beside, and all these wait for a server that is full."""
    running = [Wish(f"runs-{n}", 2 + n, 0, FREE) for n in range(OTHERS // 2)]
    waiting = [Wish(f"waits-{n}", 2 + n, 0, FULL) for n in range(OTHERS)]
    places: list[Place] = [await door.enter(each) for each in (*running, *waiting)]
    try:
        yield
    finally:
        for place in places:
            await place.leave()


def _failover(house: House) -> Row:
    """Of each model a server that has just ended is asked first, and then one that lives."""
    members = add_members(house, 2 * MODELS)
    with fake_server() as living:
        with fake_server() as ended:
            in_shell(house, "rows", f"add_pairs({ended!r}, {living!r}, {MODELS})")
            wait_until(lambda: in_shell(house, "rows", "count_up()")[0] == 2 * MODELS)
        over = asyncio.run(_first_tokens(members[:MODELS]))
        passed = in_shell(house, "rows", "count_passed_over()")
        # By now its circuits are open: nobody asks it again.
        plain = asyncio.run(_first_tokens(members[MODELS:]))
    if passed < MODELS / 2:
        raise Wrong(f"Only {passed} of {MODELS} replies were passed on.")
    before, after = (first_token_ms(each, percent=50) for each in (plain, over))
    return Row(
        f"failover of {passed} replies on refusal: first token p50 (worst), ms",
        f"{after:.0f} ({max(each.first_ms for each in over):.0f})",
        direct=f"{before:.0f} without",
        against=f"+{after - before:.0f}",
        target="≤ +200",
    )


async def _first_tokens(members: list[Member]) -> list[Stream]:
    async with aiohttp.ClientSession() as http:
        return [
            await _reply(http, member, f"model:d{number}-model-0:7b")
            for number, member in enumerate(members)
        ]


async def _reply(http: aiohttp.ClientSession, member: Member, target: str) -> Stream:
    text = ask_for(20, rate=100)
    async with listening(http, member) as listener:
        await listener.begin(text, target=target)
        await listener.hear("message.closed")
        return await listener.stream(text)
