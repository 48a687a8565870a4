"""Many open pages on one web process while replies stream: memory, and how late it is."""

import asyncio
import multiprocessing
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.chat import RATE, all_direct, client
from bench.house import (
    Member,
    add_members,
    add_server,
    cpu_seconds,
    fake_server,
    house_up,
    memory_mb,
    peak_mb,
)
from bench.listener import Listener, listening
from bench.numbered import ask_for
from bench.reply import stream_of
from bench.streams import Stream, Wrong, steady_rate
from bench.table import Row

STREAMS = 50
PAGES = 10
"""Conversations that stream, and open pages of each."""
PROBE_EVERY = 0.1
QUIET = 5
"""Seconds between two probes, and for how long while nothing streams."""
NAME = f"{STREAMS * PAGES} sockets"


@dataclass(slots=True)
class Seen:
    """What the run was like, by each page and from outside; times in seconds."""

    joined_mb: float = 0
    streaming_mb: float = 0
    cpu: float = 0
    quiet: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)


def sockets(data: Path, *, seconds: int) -> Iterator[Row]:
    """Ten open pages of each of fifty conversations, all of which stream at once."""
    with house_up(data) as house, fake_server() as server:
        add_server(house, server)
        web = house.pid_of("manage.py web")
        members = add_members(house, STREAMS + 1)
        text = ask_for(seconds * RATE, rate=RATE)
        plain = asyncio.run(all_direct(server, text, STREAMS))
        alone = memory_mb(web)
        seen = asyncio.run(_watched(members, text, web, seconds=seconds))
        yield from _rows(alone, seen, plain)
        yield Row(f"{NAME}: web at its largest, RSS, MB", f"{peak_mb(web):.0f}")


async def _watched(members: list[Member], text: str, web: int, *, seconds: int) -> Seen:
    *speakers, idler = members
    seen = Seen()
    async with client() as http, AsyncExitStack() as stack:
        groups = [await _pages(http, stack, member) for member in speakers]
        seen.joined_mb = memory_mb(web)
        seen.quiet = await _beside(idler, seconds=QUIET)
        weighing = asyncio.create_task(_weigh(web, seen))
        probing = asyncio.create_task(_beside(idler, seconds=seconds))
        began, before = time.perf_counter(), cpu_seconds(web)
        await asyncio.gather(*(_streamed(group, text) for group in groups))
        seen.cpu = (cpu_seconds(web) - before) / (time.perf_counter() - began)
        seen.busy = await probing
        weighing.cancel()
        for group in groups:
            seen.streams += await _checked(group, text)
    return seen


async def _pages(
    http: aiohttp.ClientSession, stack: AsyncExitStack, member: Member
) -> list[Listener]:
    opened = (listening(http, member) for _ in range(PAGES))
    return [await stack.enter_async_context(each) for each in opened]


async def _streamed(group: list[Listener], text: str) -> None:
    """One page asks; all of them hear the reply to its end."""
    first, *others = group
    await first.begin(text)
    for other in others:
        other.frames, other.asked_at = [], first.asked_at
    await asyncio.gather(*(each.hear("message.closed") for each in group))


async def _checked(group: list[Listener], text: str) -> list[Stream]:
    """The streams of all pages; each is in order, and all were shown the same."""
    whole = await group[0].stream(text)
    others = [stream_of(each.asked_at, each.frames) for each in group[1:]]
    for other in others:
        if other.tokens != whole.tokens:
            raise Wrong(f"One page got {whole.tokens} tokens, one {other.tokens}.")
    return [whole, *others]


async def _beside(idler: Member, *, seconds: int) -> list[float]:
    """Probe from a process of its own, so that no work of this one counts."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, probed, idler, seconds)


def probed(idler: Member, seconds: int) -> list[float]:
    """How long answers take on an open page on which nothing happens."""
    return asyncio.run(_probe(idler, seconds))


async def _probe(idler: Member, seconds: int) -> list[float]:
    waits: list[float] = []
    async with client() as http, listening(http, idler) as idle:
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            await idle.send("conversation.join")
            await idle.hear("conversation.joined")
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(PROBE_EVERY)
    return waits


async def _weigh(web: int, seen: Seen) -> None:
    """Keep the most memory that the process has while it streams."""
    while True:
        await asyncio.sleep(1)
        seen.streaming_mb = max(seen.streaming_mb, memory_mb(web))


def _rows(alone: float, seen: Seen, plain: list[Stream]) -> Iterator[Row]:
    weights = (alone, seen.joined_mb, seen.streaming_mb)
    yield Row(
        f"{NAME}: web's memory alone, all joined, {STREAMS} streaming, PSS, MB",
        " / ".join(f"{mb:.0f}" for mb in weights),
    )
    yield Row(
        f"{NAME}: web's share of a core while {STREAMS} stream", f"{seen.cpu:.0%}"
    )
    yield _rate_row(plain, seen.streams)
    yield _late_row(plain, seen.streams)
    yield Row(
        f"{NAME}: answer to a small command, none streams, p50 / p99 / worst, ms",
        _spread(seen.quiet),
    )
    yield Row(
        f"{NAME}: answer to a small command, {STREAMS} stream, p50 / p99 / worst, ms",
        _spread(seen.busy),
    )


def _rate_row(plain: list[Stream], ours: list[Stream]) -> Row:
    before, after = steady_rate(plain), steady_rate(ours) / PAGES
    return Row(
        measured=f"{NAME}: tok/s to each of {PAGES} pages while all stream",
        direct=f"{before:,.0f}",
        paddock=f"{after:,.0f}",
        against=f"{after / before:.1%}",
    )


def _late_row(plain: list[Stream], ours: list[Stream]) -> Row:
    return Row(
        measured=f"{NAME}: text behind its time, p50 / p99 / worst, ms",
        direct=_spread([late for each in plain for late in lateness(each)]),
        paddock=_spread([late for each in ours for late in lateness(each)]),
    )


def lateness(stream: Stream) -> list[float]:
    """How much later than its newest token was due each text came.

    The stream's most punctual text says when that was; none can be early.
    """
    told, offsets = 0, []
    for at, count in stream.arrivals:
        told += count
        offsets.append(at - told / RATE)
    return [offset - min(offsets) for offset in offsets]


def _spread(seconds: Sequence[float]) -> str:
    p99 = statistics.quantiles(seconds, n=100, method="inclusive")[98]
    shown = (statistics.median(seconds), p99, max(seconds))
    return " / ".join(f"{each * 1000:.0f}" for each in shown)
