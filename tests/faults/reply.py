"""An open reply as a page knows it: `static/js/reply.js` in Python, with what is shown."""

import itertools
from dataclasses import dataclass, field
from typing import Any

_threads = itertools.count(1)


@dataclass(slots=True)
class Reply:
    """`seq` is what the page shows; None while it shows nothing of the reply yet."""

    seq: int | None = None
    early: list[dict[str, Any]] = field(default_factory=list)
    blocks: tuple[str, ...] = ()
    rest: str = ""
    thread: int = field(default_factory=lambda: next(_threads))

    @property
    def has_gap(self) -> bool:
        return self.seq is not None and bool(self.early)

    def take(self, event: dict[str, Any]) -> bool:
        """Keep an event; whether the page shows more now."""
        if self.seq is not None and event["seq"] <= self.seq:
            return False
        self.early.append(event)
        return self._settle()

    def show_at(self, seq: int, blocks: str, rest: str) -> None:
        """The page has fetched the reply as it was at `seq`: a new look at it."""
        self.thread = next(_threads)
        self.seq, self.blocks, self.rest = seq, (blocks,), rest
        self.early = [event for event in self.early if event["seq"] > seq]
        self._settle()

    def _settle(self) -> bool:
        if self.seq is None:
            return False
        before = self.seq
        for event in sorted(self.early, key=lambda each: int(each["seq"])):
            if event["seq"] == self.seq + 1:
                self._write(event)
        self.early = [event for event in self.early if event["seq"] > self.seq]
        return self.seq > before

    def _write(self, event: dict[str, Any]) -> None:
        self.seq = event["seq"]
        if event["kind"] == "message.delta":
            self.rest += event["text"]
        else:
            self.blocks += (event["html"].strip(),)
            self.rest = event["rest"]
