"""The chat over its socket: time to the first token, and many streams at once."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack

import aiohttp

from bench import direct
from bench.house import Member, add_members, cpu_seconds, peak_mb
from bench.listener import listening
from bench.numbered import ask_for
from bench.streams import (
    Stream,
    bytes_per_token,
    first_token_ms,
    overall_rate,
    steady_rate,
    tokens_in,
)
from bench.table import Row
from tests.house import House

Speed = Callable[[Sequence[Stream]], float]

WARM_UP = 3
RATE = 100
"""Tokens a second of each stream."""
TARGETS = {50: "≥ 4,900"}


def first_token(house: House, server: str, *, messages: int) -> list[Row]:
    """What Paddock adds to the first token, one short reply after the other."""
    members = add_members(house, messages + WARM_UP)
    plain, ours = asyncio.run(_in_turns(server, members))
    targets = {50: "≤ +10", 95: ""}
    return [
        _first_row(percent, plain[WARM_UP:], ours[WARM_UP:], target)
        for percent, target in targets.items()
    ]


async def _in_turns(
    server: str, members: list[Member]
) -> tuple[list[Stream], list[Stream]]:
    """Each question asked of the server and then of Paddock, so that noise meets both."""
    text = ask_for(20, rate=RATE)
    plain, ours = [], []
    async with aiohttp.ClientSession() as http:
        for member in members:
            plain.append(await direct.ask(http, server, text))
            async with listening(http, member) as listener:
                await listener.ask(text)
                ours.append(await listener.stream(text))
    return plain, ours


def _first_row(
    percent: int, plain: list[Stream], ours: list[Stream], target: str
) -> Row:
    before = first_token_ms(plain, percent=percent)
    after = first_token_ms(ours, percent=percent)
    return Row(
        measured=f"first token, 1 stream, p{percent}, ms",
        direct=f"{before:.1f}",
        paddock=f"{after:.1f}",
        against=f"+{after - before:.1f}",
        target=target,
    )


def relay(
    house: House, server: str, *, streams: Sequence[int], seconds: int
) -> Iterator[Row]:
    """So many replies of 100 tokens a second at once, each to a page of its own."""
    web = house.pid_of("manage.py web")
    text = ask_for(seconds * RATE, rate=RATE)
    for count in streams:
        members = add_members(house, count)
        plain = asyncio.run(all_direct(server, text, count))
        ours, used = asyncio.run(_all_in_chat(members, text, web))
        yield from _relay_rows(plain, ours, cpu=used)
    yield Row("web process at its largest, MB", f"{peak_mb(web):.0f}")


async def all_direct(server: str, text: str, count: int) -> list[Stream]:
    async with client() as http:
        return await asyncio.gather(
            *(direct.ask(http, server, text) for _ in range(count))
        )


async def _all_in_chat(
    members: list[Member], text: str, web: int
) -> tuple[list[Stream], float]:
    """The replies, and the CPU seconds that the web process took for them."""
    async with client() as http, AsyncExitStack() as stack:
        listeners = [
            await stack.enter_async_context(listening(http, member))
            for member in members
        ]
        before = cpu_seconds(web)
        await asyncio.gather(*(listener.ask(text) for listener in listeners))
        used = cpu_seconds(web) - before
        return [await listener.stream(text) for listener in listeners], used


def _rate_row(name: str, plain: list[Stream], ours: list[Stream], speed: Speed) -> Row:
    before, after = speed(plain), speed(ours)
    return Row(
        measured=name,
        direct=f"{before:,.0f}",
        paddock=f"{after:,.0f}",
        against=f"{after / before:.1%}",
        target=TARGETS.get(len(ours), "") if speed is steady_rate else "",
    )


def client() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))


def _relay_rows(
    plain: list[Stream], ours: list[Stream], *, cpu: float
) -> Iterator[Row]:
    name = f"{len(ours)} × {RATE} tok/s"
    yield _rate_row(f"{name}: tok/s while all stream", plain, ours, steady_rate)
    yield _rate_row(f"{name}: tok/s with the start", plain, ours, overall_rate)
    first = [first_token_ms(each, percent=50) for each in (plain, ours)]
    yield Row(
        measured=f"{name}: first token p50, ms",
        direct=f"{first[0]:.0f}",
        paddock=f"{first[1]:.0f}",
        against=f"+{first[1] - first[0]:.0f}",
    )
    yield Row(
        measured=f"{name}: bytes a token",
        direct=f"{bytes_per_token(plain):.0f}",
        paddock=f"{bytes_per_token(ours):.0f}",
        target="≤ 80",
    )
    yield Row(
        measured=f"{name}: web's CPU s a million tokens",
        paddock=f"{cpu / tokens_in(ours) * 1_000_000:.0f}",
    )
