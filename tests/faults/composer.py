"""Writing messages: `static/js/composer.js` in Python, by somebody who does not give up.

A message goes as a frame, or, where no socket is open, as a form that says the same. The
same key comes again with each join, after each refusal, and from the shelf of the next
tab. Other than in a browser, the page stays after a form.
"""

import asyncio
import random
from contextlib import suppress
from uuid import uuid4

from tests.faults.again import ask_again
from tests.faults.form import BUSY, IN, post_form
from tests.faults.ledger import Sent
from tests.faults.link import Event
from tests.faults.tab import OPENED, Tab

GIVES_UP = 60.0
"""Seconds without any answer, after which the house has forgotten the message."""
AGAIN = 5.0
"""Seconds that a socket may take to open before a message takes another way."""
BY_FORM = 0.15
"""The share of messages that go as forms do, from a page without its script."""
WATCHES = 0.5
"""How often somebody sees a reply to its end before saying more,"""
WATCHED = 15.0
"""and for how many seconds at the most."""
ASKS_AGAIN = 0.5
"""How often a reply that broke off is asked for again, and not just left."""
FORM = ("text", "key", "target", "at", "how")


class Composer:
    """One person's composer under one conversation; one message at a time."""

    def __init__(
        self, tab: Tab, *, person: str, target: str, chance: random.Random
    ) -> None:
        self.tab, self.person, self.target = tab, person, target
        self.chance = chance
        self.count = 0
        self.waiting: Event | None = None
        self.answer: asyncio.Future[str] = asyncio.Future()
        tab.listeners.append(self.hear)

    @property
    def counts(self) -> dict[str, int]:
        return self.tab.ledger.counts

    def hear(self, event: Event) -> None:
        if not self.waiting:
            return
        key, kind = event.get("key"), event["kind"]
        if kind == "message.added" and key == self.waiting["key"]:
            self.settle(IN)
        elif kind == "command.failed" and key == self.waiting["key"]:
            self.settle(event["code"])
        elif kind == "conversation.joined":
            self.counts["resends"] += 1
            self.tab.link.send(self.waiting)
        elif kind == OPENED:
            self.counts["resends from the shelf"] += 1
            self.tab.later(self.post_later(self.waiting))

    def settle(self, answer: str) -> None:
        self.waiting = None
        if not self.answer.done():
            self.answer.set_result(answer)

    async def act(self, words: str) -> None:
        """Say something, or ask again for the reply that broke off."""
        if self.chance.random() < WATCHES:
            await self.watch()
        # A page that lacks one's own words yet would lead away from them.
        broken = self.shows_own() and self.tab.broken()
        if broken and self.chance.random() < ASKS_AGAIN:
            await ask_again(self.tab, broken)
        else:
            await self.say(words)

    def shows_own(self) -> bool:
        """Whether the page has come as far as this person's last message."""
        return any(self.mark() in each.body for each in self.tab.articles.values())

    async def watch(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(WATCHED):
                while self.tab.is_writing:
                    await asyncio.sleep(0.1)

    async def say(self, words: str) -> None:
        """Send a message until it is in."""
        self.count += 1
        text = f"{self.mark()} {words}"
        sent = Sent(str(uuid4()), self.person, self.tab.conversation, text)
        self.tab.ledger.sent.append(sent)
        by_form = self.chance.random() < BY_FORM
        while (answer := await self.submit(sent, by_form=by_form)) != IN:
            self.counts[f"answer: {answer}"] += 1
            await self.rest(answer)

    def mark(self) -> str:
        """A word that no other message has."""
        return f"{self.person}-{self.tab.conversation:03}-{self.count:04}"

    async def rest(self, answer: str) -> None:
        """Wait until what stood in the way may be over."""
        if answer != BUSY:
            await asyncio.sleep(0.5)
            return
        self.tab.closed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self.tab.closed.wait()

    async def submit(self, sent: Sent, *, by_form: bool) -> str:
        """How one try to send went."""
        await self.tab.opened.wait()
        frame = self.frame(sent)
        self.waiting, self.answer = frame, asyncio.Future()
        if by_form:
            self.tab.later(self.post_till_answered(frame))
        else:
            self.send(frame)
        return await self.answered()

    def frame(self, sent: Sent) -> Event:
        """A message follows what its writer sees last."""
        return {
            "kind": "message.send",
            "conversation": sent.conversation,
            "text": sent.text,
            "key": sent.key,
            "target": self.target,
            "at": self.tab.last,
            "how": "follow",
        }

    def send(self, frame: Event) -> None:
        if self.tab.link.send(frame):
            self.counts["sends by socket"] += 1
            self.tab.later(self.post_later(frame))
        else:
            self.tab.later(self.post(frame))

    async def answered(self) -> str:
        """What the house said, or that the message is on the page."""
        await asyncio.wait({self.answer}, timeout=GIVES_UP)
        if not self.answer.done():
            self.tab.ledger.complain(f"{self.mark()} was never answered for")
            self.settle("never answered")
        return self.answer.result()

    async def post(self, frame: Event) -> None:
        """The same message as a form."""
        self.counts["sends by form"] += 1
        fields = {name: frame[name] for name in FORM}
        answer = await post_form(self.tab, "send/", fields)
        if self.waiting is not frame:
            return
        if answer:
            self.settle(answer)
        else:
            self.tab.later(self.post_later(frame))

    async def post_later(self, frame: Event) -> None:
        await asyncio.sleep(AGAIN)
        if self.waiting is frame and not self.tab.link.is_open:
            await self.post(frame)

    async def post_till_answered(self, frame: Event) -> None:
        """As a person does to whom the browser says that there was no answer."""
        while self.waiting is frame:
            await self.post(frame)
            await asyncio.sleep(0.5)
