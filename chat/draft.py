"""A reply while it is written: what was said, and what the pages have been shown."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from chat.blocks import BlockSplitter
from chat.phases import Doing, Phase, Told, Wait
from models_app.serving.ask import Begun, PassedOver


@dataclass(frozen=True, slots=True)
class Shown:
    """One step on the pages: new text, the blocks it finished, the open rest."""

    seq: int
    text: str
    finished: list[str]
    rest: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What a reply has already when its writing begins; none of it is ever lost."""

    seq: int = 0
    text: str = ""
    reasoning: str = ""
    server: str = ""
    thought_ms: int | None = None


NOTHING = Kept()


@dataclass(slots=True)
class Draft:
    """Text gathers here as it comes; `show` lets it out, one `seq` at a time."""

    kept: Kept = NOTHING
    seq: int = field(init=False)
    server: str = field(init=False)
    kind: str = field(init=False, default="")
    ticket: str = field(init=False, default="")
    passed_over: tuple[PassedOver, ...] = field(init=False, default=())
    phase: Phase = field(default_factory=Phase)
    thought_ms: int | None = field(init=False)
    _shown: list[str] = field(default_factory=list)
    _waiting: list[str] = field(default_factory=list)
    _thoughts: list[str] = field(default_factory=list)
    _blocks: BlockSplitter = field(default_factory=BlockSplitter)
    _thinking_since: float | None = None
    _pieces: int = 0

    def __post_init__(self) -> None:
        self.seq, self.server = self.kept.seq, self.kept.server
        self.thought_ms = self.kept.thought_ms
        self._shown.append(self.kept.text)
        self._thoughts.append(self.kept.reasoning)
        self._blocks.feed(self.kept.text)

    def heed(self, step: Wait, *, now: float) -> None:
        """What is told before there is anything to read."""
        self.phase = self.phase.after(step, now=now)
        if isinstance(step, Begun):
            self.server, self.kind = step.server, step.kind
            self.ticket = step.ticket or self.ticket
            self.passed_over = step.passed_over

    def add(self, text: str, *, now: float) -> None:
        self._does(Doing.WRITING, now)
        if self._thinking_since is not None and self.thought_ms is None:
            self.thought_ms = round((now - self._thinking_since) * 1000)
        self._waiting.append(text)

    def think(self, text: str, *, now: float) -> None:
        self._does(Doing.THINKING, now)
        if self._thinking_since is None:
            self._thinking_since = now
        self._thoughts.append(text)

    def told(self, *, now: float) -> Told:
        """How it stands; its speed, while it writes, over all of that time."""
        speed = None
        took = now - self.phase.began
        if self.phase.doing is Doing.WRITING and took >= 1:
            # Servers send each token as a piece of its own, as a rule.
            speed = round(self._pieces / took)
        return self.phase.told(now=now, speed=speed)

    def way(self, *, now: float, at: float) -> Mapping[str, Any]:
        """How it came here and how it stands, as its row keeps it; `at` by the clock that
        other processes have too."""
        return {**self.past, "phase": asdict(self.told(now=now)), "at": at}

    @property
    def is_unbegun(self) -> bool:
        """No server was asked, and there is nothing of it."""
        return not (self.server or self.said or self.reasoning)

    @property
    def past(self) -> dict[str, Any]:
        """Who was asked before the server that answers."""
        if not self.passed_over:
            return {}
        return {"passed_over": [asdict(each) for each in self.passed_over]}

    def _does(self, doing: Doing, now: float) -> None:
        if self.phase.doing is not doing:
            self.phase = self.phase.doing_now(doing, now=now)
            self._pieces = 0
        self._pieces += 1

    @property
    def thinking(self) -> bool:
        return self._thinking_since is not None

    def show(self) -> Shown | None:
        """Let out what waits; None when nothing does."""
        if not self._waiting:
            return None
        text = "".join(self._waiting)
        self._waiting.clear()
        self._shown.append(text)
        self.seq += 1
        return Shown(self.seq, text, self._blocks.feed(text), self._blocks.rest)

    @property
    def shown(self) -> str:
        """The text that the pages have, up to `seq`."""
        return "".join(self._shown)

    @property
    def said(self) -> str:
        """The whole text, shown or not."""
        return self.shown + "".join(self._waiting)

    @property
    def reasoning(self) -> str:
        return "".join(self._thoughts)

    def settled(self, *, thought: int) -> tuple[str, str]:
        """The final text and reasoning: so many characters that came were thoughts."""
        if not thought:
            return self.said, self.reasoning
        came = self.said[len(self.kept.text) :]
        text = self.kept.text + came[thought:].lstrip()
        return text, self.reasoning + came[:thought]
