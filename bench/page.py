"""The chat page in a real browser: its weight when cold, and a message's way through it."""

import asyncio
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
from playwright.sync_api import Browser, CDPSession, Page

from bench.browser import chromium, looking
from bench.house import Member, add_members, add_reader, in_shell
from bench.listener import listening
from bench.numbered import ask_for
from bench.streams import Wrong
from bench.table import Row
from tests.house import House

LOADS = 5
ASKED = 30
MESSAGES = 10
LENGTHS = (500, 2_000)
CONVERSATIONS = 5000
SETTLED = 1500
"""Milliseconds after which a loaded page has fetched all that it will."""
REPLY = ask_for(20, rate=100)

WATCH = """() => {
  const list = document.querySelector("[data-messages]");
  const shown = () => list.querySelector("article[data-open]")?.textContent.includes("t0");
  window.seen = new Promise((tell) => {
    const whenPressed = ({ timeStamp }) => {
      const look = () => shown() && tell(performance.now() - timeStamp);
      const everything = { subtree: true, childList: true, characterData: true };
      new MutationObserver(look).observe(list, everything);
    };
    addEventListener("keydown", whenPressed, { capture: true, once: true });
  });
}"""
"""Has `seen` tell the milliseconds from the next key to the next reply's first token."""


@dataclass
class Traffic:
    """What one load of a page asked for, and how much came."""

    urls: list[str] = field(default_factory=list)
    received: float = 0
    interactive_ms: float = 0

    def watch(self, network: CDPSession) -> None:
        network.on("Network.requestWillBeSent", self._asked)
        network.on("Network.webSocketCreated", lambda it: self.urls.append(it["url"]))
        network.on("Network.loadingFinished", self._came)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def check_origin(self, url: str) -> None:
        """Every request went to this origin and to no other."""
        foreign = {each for each in self.urls if urlsplit(each).netloc != url}
        if foreign:
            raise Wrong(f"The page asked elsewhere: {sorted(foreign)}.")

    def _asked(self, event: dict[str, Any]) -> None:
        self.urls.append(event["request"]["url"])

    def _came(self, event: dict[str, Any]) -> None:
        self.received += event["encodedDataLength"]


def page(house: House) -> Iterator[Row]:
    """Weight, time to interactive, and from Enter to the first token on the screen."""
    yield from _list(add_reader(house, CONVERSATIONS))
    (member,) = add_members(house, 1)
    asyncio.run(_one_reply(member))
    with chromium() as browser:
        loads = [_load(browser, member) for _ in range(LOADS)]
        waits = _waits(browser, member)
    yield Row("page cold: requests", f"{len(loads[-1].urls)}", target="≤ 20")
    received = loads[-1].received / 1000
    yield Row("page cold: kB over the wire", f"{received:.0f}", target="≤ 200")
    ready = statistics.median(each.interactive_ms for each in loads) / 1000
    yield Row("page cold: interactive, s", f"{ready:.2f}", target="≤ 0.6")
    seen = statistics.median(waits)
    yield Row("browser: Enter to first token on screen, p50, ms", f"{seen:.0f}")
    yield from _long_ones(house)


def _long_ones(house: House) -> Iterator[Row]:
    """How long until the end of a long conversation is on the screen."""
    for count in LENGTHS:
        (member,) = add_members(house, 1)
        in_shell(house, "rows", f"add_messages({member.conversation}, {count})")
        with chromium() as browser:
            opened = statistics.median(
                _load(browser, member).interactive_ms for _ in range(LOADS)
            )
        name = f"a conversation of {count:,} messages opens, s"
        yield Row(name, f"{opened / 1000:.2f}", target="≤ 0.5")


def _list(reader: Member) -> Iterator[Row]:
    """How long the list of somebody with very many conversations takes to come."""
    asked = {"first page": "", "search without a hit": "&q=zebra"}
    with httpx.Client(headers=reader.headers, trust_env=False) as client:
        for name, query in asked.items():
            address = f"{reader.url}/conversations/?fragment=1{query}"
            took = [_took(client, address) for _ in range(ASKED)]
            said = f"list of {CONVERSATIONS}: {name}, p50, ms"
            yield Row(said, f"{statistics.median(took):.0f}", target="≤ 100")


def _took(client: httpx.Client, address: str) -> float:
    response = client.get(address)
    if response.status_code != httpx.codes.OK:
        raise Wrong(f"{address} answered {response.status_code}.")
    return response.elapsed.total_seconds() * 1000


async def _one_reply(member: Member) -> None:
    """So that there is something on the page."""
    async with aiohttp.ClientSession() as http, listening(http, member) as listener:
        await listener.ask(ask_for(300, rate=1000))


def _load(browser: Browser, member: Member) -> Traffic:
    with looking(browser, member) as shown:
        traffic = Traffic()
        traffic.watch(shown.context.new_cdp_session(shown))
        shown.goto(member.address, wait_until="load")
        shown.wait_for_timeout(SETTLED)
        traffic.interactive_ms = float(
            shown.evaluate(
                "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
            )
        )
    traffic.check_origin(urlsplit(member.url).netloc)
    return traffic


def _waits(browser: Browser, member: Member) -> list[float]:
    with looking(browser, member) as shown:
        shown.goto(member.address)
        shown.wait_for_timeout(SETTLED)
        return [_wait(shown) for _ in range(MESSAGES)]


def _wait(shown: Page) -> float:
    """Milliseconds from pressing Enter to seeing the reply's first token."""
    shown.fill("textarea", REPLY)
    shown.evaluate(WATCH)
    shown.press("textarea", "Enter")
    seen = float(shown.evaluate("window.seen"))
    shown.wait_for_selector("[data-open]", state="detached")
    return seen
