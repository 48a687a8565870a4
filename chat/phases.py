"""What an open reply waits for or does, as the steps of the door move it on. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from models_app.adapters.base import Loading, Reading
from models_app.serving.ask import Begun, Queued

Wait = Queued | Begun | Loading | Reading
"""The steps before there is anything to read."""

LEAST_SHARE: Final = 0.05
LEAST_SECONDS: Final = 1.0
"""What has gone by before the rest is reckoned from it."""


class Doing(StrEnum):
    """In the order in which a reply goes through them, as far as it does."""

    WAITING = "waiting"
    QUEUED = "queued"
    LOADING = "loading"
    READING = "reading"
    THINKING = "thinking"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Told:
    """How an open reply stands, as a page is told it.

    `done` of `total` are bytes of a load, or tokens of a prompt; `share` is in percent,
    `since` for how many seconds it does that, `left` how many more it will, as a rule.
    """

    phase: str = Doing.WAITING.value
    server: str = ""
    model: str = ""
    position: int | None = None
    people: int | None = None
    done: int | None = None
    total: int | None = None
    share: int | None = None
    speed: int | None = None
    since: float = 0.0
    left: float | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """How it stands. `began` and `due`, when it is over as a rule, are by the clock of
    whoever says what now is."""

    doing: Doing = Doing.WAITING
    began: float = 0.0
    server: str = ""
    model: str = ""
    position: int | None = None
    people: int | None = None
    done: int | None = None
    total: int | None = None
    cached: int = 0
    share: float | None = None
    due: float | None = None

    def after(self, step: Wait, *, now: float) -> "Phase":
        """What it is with this step."""
        match step:
            case Queued():
                phase = self.doing_now(Doing.QUEUED, now=now)
                return replace(
                    phase,
                    server=step.server,
                    position=step.position,
                    people=step.people,
                    due=_due(step.seconds, now),
                )
            case Begun():
                doing = Doing.LOADING if step.loaded is False else Doing.WAITING
                fresh = Phase(doing, now, server=step.server, model=self.model)
                return replace(fresh, due=_due(step.seconds, now))
            case Loading():
                phase = self.doing_now(Doing.LOADING, now=now)
                known = _share(step.done, step.total, step.share)
                return phase.with_amount(step.done, step.total, known)
            case Reading():
                phase = self.doing_now(Doing.READING, now=now)
                known = _share(step.done, step.total, step.share)
                phase = phase.with_amount(step.done, step.total, known)
                return replace(phase, cached=step.cached)

    def doing_now(self, doing: Doing, *, now: float) -> "Phase":
        """The same, or the next thing that it does, which begins now."""
        if doing is self.doing:
            return self
        return Phase(doing, now, server=self.server, model=self.model, due=self.due)

    def with_amount(
        self, done: int | None, total: int | None, share: float | None
    ) -> "Phase":
        return replace(self, done=done, total=total, share=share)

    def told(self, *, now: float, speed: int | None = None) -> Told:
        left = self._left(now)
        return Told(
            phase=self.doing.value,
            server=self.server,
            model=self.model,
            position=self.position,
            people=self.people,
            done=self.done,
            total=self.total,
            share=None if self.share is None else int(self.share * 100),
            speed=speed,
            since=round(max(now - self.began, 0.0), 1),
            left=None if left is None or left < 1 else round(left, 1),
        )

    def _left(self, now: float) -> float | None:
        """By its own pace, once there is one; else by how long it takes as a rule."""
        if self.doing in (Doing.THINKING, Doing.WRITING):
            return None
        gone, share = now - self.began, self._gained
        if share is not None and share >= LEAST_SHARE and gone >= LEAST_SECONDS:
            return gone * (1 - share) / share
        return None if self.due is None else self.due - now

    @property
    def _gained(self) -> float | None:
        """The share of what was to be done; what the server knew already was not."""
        if self.done is None or not self.total or not self.cached:
            return self.share
        rest = self.total - self.cached
        return (self.done - self.cached) / rest if rest > 0 else None


def _share(done: int | None, total: int | None, share: float | None) -> float | None:
    if share is None and total and done is not None:
        share = done / total
    return None if share is None else min(max(share, 0.0), 1.0)


def _due(seconds: float | None, now: float) -> float | None:
    return None if seconds is None else now + seconds
