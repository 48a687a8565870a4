"""What becomes of one generation, from its ask to the ledger."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from dashboard.errors import DashboardError, EndedByAdmin
from models_app.adapters.base import Chunk, Finish, Loading, Piece, Reading, Usage
from models_app.serving.ask import Ask, Done, PassedOver
from models_app.serving.pace import Pace
from models_app.serving.route import Route
from models_app.serving.slots.wishes import RANKS, Candidate, Facts, Wish

LEFT: Final = "left"
STOPPED: Final = "stopped"
FAILED: Final = "failed"
DONE: Final = "done"
NOTHING: Final = Usage()
CHARACTERS_A_TOKEN: Final = 4
"""About."""


@dataclass(slots=True)
class Record:
    """How one generation goes; times in seconds after the ask, which was at `asked_at`,
    Unix time.

    What ends without a word has left the queue, or, once it had begun, was stopped.
    """

    ask: Ask
    clock: Callable[[], float] = time.perf_counter
    ticket: str = field(default_factory=lambda: uuid4().hex)
    asked_at: float = field(default_factory=time.time)
    route: Route | None = None
    passed_over: tuple[PassedOver, ...] = ()
    status: str = LEFT
    error_code: str = ""
    usage: Usage = NOTHING
    began: float | None = None
    loaded: float | None = None
    first: float | None = None
    ended: float | None = None
    pace: Pace = field(default_factory=Pace)
    _zero: float = field(init=False)

    def __post_init__(self) -> None:
        self._zero = self.clock()

    def wish(
        self, candidates: tuple[Candidate, ...], *, most: int | None = None
    ) -> Wish:
        person, origin = int(self.ask.person.pk), self.ask.origin
        rank = RANKS.index(origin.value)
        return Wish(self.ticket, person, rank, candidates, self.facts(), most)

    def begin(self, route: Route) -> None:
        """A place was given: until now it has waited, also for servers that failed."""
        self.route, self.began, self.status = route, self._now(), STOPPED
        self.loaded = None

    def pass_over(self, failure: DashboardError) -> None:
        """The server failed before its first token, and the next one is asked."""
        server = self.route.server if self.route else ""
        passed = PassedOver(server, failure.code, failure.facts)
        self.passed_over = (*self.passed_over, passed)

    def note(self, chunk: Chunk) -> bool:
        """Something came from the server; whether its pace should be told now."""
        if isinstance(chunk, Loading):
            if self.first is None:
                self.loaded = self._now()
            return False
        if isinstance(chunk, Reading | Finish) or _is_whole(chunk):
            return False
        now = self._now()
        if self.first is None:
            self.first = now
        pieces = chunk.events if isinstance(chunk, Piece) else 1
        return self.pace.count(self.asked_at + now, pieces)

    def fail(self, failure: DashboardError) -> None:
        """What an administrator ends has not failed: it was stopped, or had not begun."""
        self.error_code = failure.code
        if not isinstance(failure, EndedByAdmin):
            self.status = FAILED

    def finish(self, finish: Finish) -> Done:
        self.usage, self.status, self.ended = finish.usage, DONE, self._now()
        return Done(
            reason=finish.reason,
            usage=finish.usage,
            first_token_ms=_ms(self.first),
            total_ms=_ms(self.ended) or 0,
            thought=finish.thought,
            ticket=self.ticket,
            queue_ms=_ms(self.began) or 0,
        )

    def end(self) -> None:
        self.ended = self._now() if self.ended is None else self.ended

    def facts(self) -> Facts:
        """All that the ledger keeps, under its names; nothing of what was said."""
        ask, route, usage = self.ask, self.route, self.usage
        return {
            "person": int(ask.person.pk),
            "origin": ask.origin.value,
            "preset": ask.preset,
            "conversation": ask.conversation,
            "key": ask.key,
            "model": route.model if route else ask.model,
            "backend": route.backend if route else None,
            "server": route.server if route else "",
            "status": self.status,
            "error_code": self.error_code,
            "asked_at": self.asked_at,
            "began_at": self._stamp(self.began),
            "ended_at": self._stamp(self.ended),
            "queue_ms": _ms(self.began),
            "load_ms": self._load_ms(),
            "first_token_ms": _ms(self.first),
            "total_ms": _ms(self.ended),
            "prompt_tokens": self._read(),
            "completion_tokens": self._written(),
            "cached_tokens": usage.cached_tokens,
        }

    def _read(self) -> int | None:
        """As the server says; of what was stopped, or broke off, before it could, about as
        many as it was given to read: hanging up makes a long prompt no cheaper."""
        stopped = self.status == STOPPED
        broke_off = self.status == FAILED and self.first is not None
        if self.usage.prompt_tokens is None and (stopped or broke_off):
            return self.ask.characters // CHARACTERS_A_TOKEN or None
        return self.usage.prompt_tokens

    def _written(self) -> int | None:
        """As the server says; of what ended before it could, as many pieces as came."""
        if self.usage.completion_tokens is not None or self.status == DONE:
            return self.usage.completion_tokens
        return self.pace.written or None

    def _load_ms(self) -> int | None:
        """As the server says, else as long as it told of a load."""
        if self.usage.load_ms is not None:
            return round(self.usage.load_ms)
        if self.loaded is None or self.began is None:
            return None
        return _ms(self.loaded - self.began)

    def _now(self) -> float:
        return self.clock() - self._zero

    def _stamp(self, seconds: float | None) -> float | None:
        return None if seconds is None else self.asked_at + seconds


def _is_whole(chunk: Chunk) -> bool:
    """Whether an answer came at once: nobody knows when its first token was there."""
    return isinstance(chunk, Piece) and not chunk.streamed


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
