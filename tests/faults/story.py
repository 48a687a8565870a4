"""Ten minutes, or fewer seconds, of people who write while everything breaks."""

import asyncio
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp

from tests.faults.articles import Article, articles_in, earlier_than
from tests.faults.composer import Composer
from tests.faults.gremlin import Gremlin, condition
from tests.faults.kept import open_in, unwritten_in
from tests.faults.ledger import Ledger
from tests.faults.scene import PASSWORD, Scene
from tests.faults.tab import Tab
from tests.house import House

ASKED = (
    "Name three colours.",
    "Say hello.",
    "Count to five.",
    "What is rain?",
    "Write two short paragraphs about cats.",
    "Make a list of three fruits.",
)
SETTLED_WITHIN = 90.0


@dataclass(frozen=True, slots=True)
class View:
    """One person's page of a conversation: as it stayed open, and fetched anew."""

    person: str
    conversation: int
    stayed: dict[int, Article]
    fetched: list[Article]
    newest: int
    """How many of the fetched came with the page itself."""


class Story:
    """The house, its people, and what they have open."""

    def __init__(self, house: House, scene: Scene, *, seed: int) -> None:
        self.house, self.scene = house, scene
        self.ledger = Ledger()
        self.chance = random.Random(seed)
        self.sessions: dict[str, aiohttp.ClientSession] = {}
        self.composers: list[Composer] = []

    async def tell(self, *, seconds: float, pause: tuple[float, float]) -> list[View]:
        """Write and break for so long; then what everybody sees."""
        async with AsyncExitStack() as stack:
            await self.open_pages(stack)
            tabs = [each.tab for each in self.composers]
            stays = [asyncio.create_task(tab.stay()) for tab in tabs]
            try:
                await self.write_and_break(tabs, seconds=seconds, pause=pause)
                await self.settle(tabs)
                return [await self.view(each) for each in self.composers]
            finally:
                await ended(stays)

    async def open_pages(self, stack: AsyncExitStack) -> None:
        for conversation, names in self.scene.conversations.items():
            for name in names:
                if name not in self.sessions:
                    made = await stack.enter_async_context(session())
                    await sign_in(made, self.house.url, name)
                    self.sessions[name] = made
                http = self.sessions[name]
                tab = Tab(http, self.house.url, conversation, self.ledger)
                chance = random.Random(self.chance.random())
                target = self.scene.target
                composer = Composer(tab, person=name, target=target, chance=chance)
                self.composers.append(composer)

    async def write_and_break(
        self, tabs: list[Tab], *, seconds: float, pause: tuple[float, float]
    ) -> None:
        until = asyncio.get_running_loop().time() + seconds
        chance = random.Random(self.chance.random())
        gremlin = Gremlin(self.house, tabs, self.ledger, chance=chance, pause=pause)
        over = asyncio.Event()
        writing = [asyncio.create_task(write(each, over)) for each in self.composers]
        try:
            await gremlin.rage(until)
            over.set()
            _, late = await asyncio.wait(writing, timeout=SETTLED_WITHIN)
            assert not late, f"{len(late)} of {len(writing)} cannot get a message in."
        finally:
            await ended(writing)
        for each in writing:
            each.result()

    async def settle(self, tabs: list[Tab]) -> None:
        """Wait until no reply is open, and nobody fetches any more."""

        async def nothing_open() -> bool:
            return not await asyncio.to_thread(open_in, self.house.data)

        async def all_written() -> bool:
            return not await asyncio.to_thread(unwritten_in, self.house.data)

        async def nobody_busy() -> bool:
            joined = all(tab.link.socket and tab.link.received for tab in tabs)
            return joined and not any(tab.tasks for tab in tabs)

        sentence = "Replies are open that nobody closes."
        await condition(nothing_open, seconds=SETTLED_WITHIN, what=sentence)
        # What a killed process left is written once its leases are over.
        await condition(
            all_written, seconds=SETTLED_WITHIN, what="The ledger lacks replies."
        )
        # What was just closed is just being told.
        await asyncio.sleep(2)
        await condition(nobody_busy, seconds=SETTLED_WITHIN, what="Pages find no rest.")

    async def view(self, composer: Composer) -> View:
        tab = composer.tab
        pages: list[list[Article]] = []
        place: int | None = None
        while not pages or place is not None:
            which = "" if place is None else f"messages/?before={place}"
            async with tab.http.get(f"{tab.address}{which}") as response:
                assert response.status == 200, f"{response.url}: {response.status}"
                page = await response.text()
            pages.insert(0, articles_in(page))
            place = earlier_than(page)
        fetched = [article for page in pages for article in page]
        newest = len(pages[-1])
        where = tab.conversation
        return View(composer.person, where, tab.articles, fetched, newest)


async def write(composer: Composer, over: asyncio.Event) -> None:
    """Say something, or ask again, look at it for a while, and so on; the last is seen to its end."""
    while not over.is_set():
        try:
            async with asyncio.timeout(composer.chance.uniform(0.2, 4)):
                await over.wait()
        except TimeoutError:
            await composer.act(composer.chance.choice(ASKED))


def session() -> aiohttp.ClientSession:
    jar = aiohttp.CookieJar(unsafe=True)
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=30)
    return aiohttp.ClientSession(cookie_jar=jar, connector=connector, timeout=timeout)


async def sign_in(http: aiohttp.ClientSession, url: str, name: str) -> None:
    async with http.get(f"{url}/login/") as form:
        token = form.cookies["paddock_csrf"].value
    typed = {"username": name, "password": PASSWORD, "csrfmiddlewaretoken": token}
    async with http.post(f"{url}/login/", data=typed) as response:
        assert response.status == 200, await response.text()
        assert response.url.path == "/", await response.text()


async def ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
