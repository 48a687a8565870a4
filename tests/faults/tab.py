"""A page with an open conversation: `static/js/conversation.js` in Python."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import aiohttp

from tests.faults.articles import Article, articles_in
from tests.faults.ledger import Ledger
from tests.faults.link import Event, Link
from tests.faults.reply import Reply

PATIENCE = 0.4
CHECKPOINT = 1.5
LATER = 2.0
TEXT = ("message.delta", "message.block")
BROKEN = ("interrupted", "failed")
OPENED = "opened"
"""What the listeners hear first of each new page; the server has no such event."""
Work = Coroutine[object, object, None]


class Tab:
    """What one person has open, and all that it shows; once closed, it is opened anew."""

    def __init__(
        self, http: aiohttp.ClientSession, url: str, conversation: int, ledger: Ledger
    ) -> None:
        self.http, self.ledger, self.conversation = http, ledger, conversation
        self.address = f"{url}/c/{conversation}/"
        self.link = Link(http, url, ledger, self.hear)
        self.opened = asyncio.Event()
        self.closing = asyncio.Event()
        self.closed = asyncio.Event()
        self.listeners: list[Callable[[Event], None]] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.empty()

    def empty(self) -> None:
        """A page that shows nothing yet."""
        self.articles: dict[int, Article] = {}
        self.replies: dict[int, Reply] = {}
        self.early: set[int] = set()
        self.newest_step: dict[int, int] = {}
        self.whole = False
        self.update = Gathered(self, self.fetch_wanted)

    @property
    def last(self) -> int:
        return next(reversed(self.articles), 0)

    def before(self, message: int) -> int:
        """What the page shows above a message."""
        shown = [0, *self.articles]
        return shown[shown.index(message) - 1]

    @property
    def is_writing(self) -> bool:
        return bool(self.last) and self.articles[self.last].is_open

    def broken(self) -> int:
        """The reply at the end of the page, where it broke off; else 0."""
        version = self.articles[self.last].version if self.last else ""
        return self.last if version.startswith(BROKEN) else 0

    async def stay(self) -> None:
        """Be open, and each time it is closed be opened anew, until cancelled."""
        while True:
            await self.load()
            link = asyncio.create_task(self.link.stay())
            try:
                await self.closing.wait()
            finally:
                self.opened.clear()
                self.link.cut()
                link.cancel()
                await asyncio.gather(link, *self.leave(), return_exceptions=True)
            self.ledger.counts["tabs closed"] += 1
            self.closing.clear()
            self.empty()

    def close(self) -> None:
        self.closing.set()

    async def load(self) -> None:
        """Load the page, again and again until it is there."""
        while (page := await self.get(self.address)) is None:
            await asyncio.sleep(0.5)
        for article in articles_in(page):
            self.place(article)
        self.opened.set()
        self.tell({"kind": OPENED})

    def tell(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)

    def hear(self, event: Event) -> None:
        kind = event["kind"]
        if kind == "hello":
            self.newest_step = {}
            self.join()
        elif kind == "refetch":
            self.ledger.counts["told to refetch"] += 1
            self.join()
        elif event.get("conversation") == self.conversation:
            self.hear_ours(kind, event)
        self.tell(event)

    def join(self) -> None:
        """It is the answer that has everything fetched."""
        self.link.send({"kind": "conversation.join", "conversation": self.conversation})

    def hear_ours(self, kind: str, event: Event) -> None:
        if kind in TEXT:
            self.text(event)
        elif kind == "conversation.joined":
            self.later(self.joined())
        elif kind == "message.added":
            self.added(event)
        elif kind in ("message.closed", "message.reopened"):
            self.closed.set()
            self.later(self.refetch_one(event["message"]))

    def added(self, event: Event) -> None:
        """At the end of this page's branch a message is shown; elsewhere it is a fork."""
        parent = event["parent"]
        if event["message"] in self.articles:
            return
        if parent != self.last and parent in {0, *self.articles}:
            self.refetch_all()
        else:
            self.update()

    def text(self, event: Event) -> None:
        message, seq = event["message"], event["seq"]
        self.ledger.heard(message, seq, str(event))
        newest = self.newest_step.get(message, 0)
        if seq <= newest:
            self.ledger.complain(f"step {seq} of {message} came after step {newest}")
        elif newest and seq > newest + 1:
            self.ledger.counts["steps missed on an open socket"] += 1
        self.newest_step[message] = seq
        reply = self.replies.setdefault(message, Reply())
        if reply.take(event):
            self.note(message, reply)
        if reply.has_gap:
            self.later(self.fill_gap(message))

    def note(self, message: int, reply: Reply) -> None:
        if message in self.articles:
            self.ledger.saw((message, reply.thread), reply.blocks, reply.rest)

    async def fill_gap(self, message: int) -> None:
        await asyncio.sleep(PATIENCE)
        reply = self.replies.get(message)
        if reply and reply.has_gap:
            await self.refetch_one(message)

    async def joined(self) -> None:
        self.refetch_all()
        await asyncio.sleep(CHECKPOINT)
        for message in [
            each.message for each in self.articles.values() if each.is_open
        ]:
            await self.refetch_one(message)

    def place(self, fresh: Article) -> None:
        known = self.articles.get(fresh.message)
        if known and (known.version == fresh.version or older(fresh, known)):
            return
        reply = self.replies.setdefault(fresh.message, Reply())
        shown = -1 if reply.seq is None else reply.seq
        if fresh.is_open and known and shown >= fresh.seq:
            return
        self.articles[fresh.message] = fresh
        if fresh.is_open:
            reply.show_at(fresh.seq, *fresh.shown())
            self.note(fresh.message, reply)
        else:
            del self.replies[fresh.message]
        if fresh.message in self.early:
            self.early.discard(fresh.message)
            if fresh.is_open:
                self.later(self.refetch_one(fresh.message))

    async def get(self, address: str) -> str | None:
        """A page or a fragment; None where there is no answer, or not the right one."""
        try:
            async with self.http.get(address) as response:
                response.raise_for_status()
                return await response.text()
        except (aiohttp.ClientError, OSError):
            self.ledger.counts["failed fetches"] += 1
            return None

    def refetch_all(self) -> None:
        self.whole = True
        self.update()

    async def fetch_wanted(self) -> None:
        """All that the page shows, or what has come after it."""
        whole, self.whole = self.whole, False
        first = next(iter(self.articles), 0)
        query = f"from={first}" if whole else f"after={self.last}"
        page = await self.get(f"{self.address}messages/?{query}")
        if page is None:
            self.later(self.fetch_later(whole=whole))
            return
        found = articles_in(page)
        for article in found:
            self.place(article)
        if whole or "data-anew" in page:
            self.keep_only([article.message for article in found])

    async def fetch_later(self, *, whole: bool) -> None:
        """What could not be fetched is tried again."""
        self.whole = self.whole or whole
        await asyncio.sleep(LATER)
        self.update()

    def keep_only(self, messages: list[int]) -> None:
        """This stretch of the branch, in its order, and nothing else."""
        self.articles = {each: self.articles[each] for each in messages}
        for gone in self.replies.keys() - self.articles.keys():
            # Of what is not shown only the events are kept.
            self.replies[gone] = Reply(early=self.replies[gone].early)

    async def refetch_one(self, message: int) -> None:
        if message not in self.articles:
            self.early.add(message)
            self.replies.pop(message, None)
            return
        page = await self.get(f"{self.address}messages/{message}/")
        if page is None:
            self.later(self.fetch_later(whole=True))
            return
        for article in articles_in(page):
            if message in self.articles:
                self.place(article)

    def later(self, work: Work) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def leave(self) -> list[asyncio.Task[None]]:
        """Cancel what is under way, and give it back to be awaited."""
        for task in self.tasks:
            task.cancel()
        return [*self.tasks]


class Gathered:
    """One run at a time; calls during a run lead to one more run after it."""

    def __init__(self, tab: Tab, work: Callable[[], Awaitable[Any]]) -> None:
        self.tab, self.work = tab, work
        self.running = self.again = False

    def __call__(self) -> None:
        self.again = True
        if not self.running:
            self.running = True
            self.tab.later(self.run())

    async def run(self) -> None:
        try:
            while self.again:
                self.again = False
                await self.work()
        finally:
            self.running = False


def older(fetched: Article, given: Article) -> bool:
    """A reply's `seq` never goes back, and at one `seq` it is first open, then closed."""
    reopened = fetched.is_open and not given.is_open
    return fetched.seq < given.seq or (fetched.seq == given.seq and reopened)
