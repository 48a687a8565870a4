"""Sick servers and many servers: what they cost the pages, and how soon they are back."""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import httpx

from bench.fake_server import HUNG, LYING
from bench.house import Member, add_members, fake_server, in_shell
from bench.listener import listening
from bench.numbered import ask_for
from bench.streams import Wrong
from bench.table import Row
from dashboard.runner.ports import free_port
from tests.house import House

PAGES = {"new chat": "/", "picker": "/picker/", "list": "/conversations/?fragment=1"}
LOADS = 100
SETTLE = 30.0
"""Seconds within which every server has been looked at."""
DEAD = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds of one page: the median, and what one in twenty exceeds."""

    half: float
    most: float

    def __str__(self) -> str:
        return f"{self.half:.1f} ({self.most:.1f})"


def servers(house: House, server: str) -> Iterator[Row]:
    """Five healthy servers, then with sick ones beside them, then twenty large ones."""
    (member,) = add_members(house, 1)
    healthy = [f"{server}/healthy{number}-3" for number in range(5)]
    among = _times(house, member, healthy, up=5)
    sick = [DEAD, f"{server}{HUNG}", f"{server}{LYING}"]
    beside = _times(house, member, [*healthy, *sick], up=6)
    for page, alone in among.items():
        yield Row(
            f"{page}: a dead, a hung, a lying server beside five, p50 (p95), ms",
            str(beside[page]),
            direct=f"{alone} with five alone",
            against=f"× {beside[page].half / alone.half:.2f}",
            target="the same",
        )
    many = _times(house, member, [f"{server}/s{n}-200" for n in range(20)], up=20)
    for page, spent in many.items():
        yield Row(
            f"{page}: 20 servers × 200 models, p50 (p95), ms", str(spent), target="≤ 50"
        )
    yield from _back(house, member)


def _times(
    house: House, member: Member, urls: list[str], *, up: int
) -> dict[str, Spent]:
    """Milliseconds of each page with just these servers, of which so many answer."""
    in_shell(house, "rows", "forget_servers()")
    in_shell(house, "rows", f"add_servers({urls!r})")
    wait_until(
        lambda: in_shell(house, "rows", "count_up()") == [up, len(urls), len(urls)]
    )
    with httpx.Client(base_url=member.url, headers=member.headers) as client:
        return {page: _spent(client, path) for page, path in PAGES.items()}


def _spent(client: httpx.Client, path: str) -> Spent:
    spent = []
    for _ in range(LOADS):
        began = time.perf_counter()
        client.get(path).raise_for_status()
        spent.append((time.perf_counter() - began) * 1000)
    return Spent(statistics.median(spent), statistics.quantiles(spent, n=20)[-1])


def _back(house: House, member: Member) -> Iterator[Row]:
    """How long after a dead server is back the house knows, and a reply comes from it."""
    port = free_port()
    in_shell(house, "rows", "forget_servers()")
    in_shell(house, "rows", f"add_server('http://127.0.0.1:{port}')")
    wait_until(lambda: "(away" in _picker(member))
    time.sleep(4)  # long enough away for the longest pause between two looks
    with fake_server(port) as url:
        began = time.perf_counter()
        assert urlsplit(url).port == port
        asyncio.run(_reply(member))
        replied = time.perf_counter() - began
    wait_until(lambda: "(away" in _picker(member))
    time.sleep(4)
    with fake_server(port):
        began = time.perf_counter()
        wait_until(lambda: "(away" not in _picker(member))
        known = time.perf_counter() - began
    yield Row("server back: whole first reply after, s", f"{replied:.2f}", target="≤ 5")
    yield Row("server back: shown as up after, s", f"{known:.2f}", target="≤ 5")


async def _reply(member: Member) -> None:
    async with aiohttp.ClientSession() as http, listening(http, member) as listener:
        await listener.ask(ask_for(3, rate=100))


def _picker(member: Member) -> str:
    page = httpx.get(f"{member.url}/picker/", headers=member.headers, trust_env=False)
    return page.raise_for_status().text


def wait_until(fits: Callable[[], bool]) -> None:
    """Wait until the house knows what it is to know of its servers."""
    end = time.monotonic() + SETTLE
    while not fits():
        if time.monotonic() > end:
            raise Wrong("The house never came to know its servers.")
        time.sleep(0.05)
