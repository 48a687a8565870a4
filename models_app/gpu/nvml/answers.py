"""What one card has answered so far: its numbers, why others lack, and what to ask next."""

import time
from dataclasses import dataclass, field
from typing import Any

from models_app.gpu.metrics import RANGES, Metric, Reason
from models_app.gpu.nvml.calls import A_TICK, CALLS, EACH, Call, NotTold
from models_app.gpu.nvml.failures import CannotAnswer, Passing, nvml_errors

SLOW = 0.1
"""Seconds; a call that takes longer holds up every other card. Once is no matter."""
AGAIN = 60.0
"""Seconds, at most, until a call that failed is made again."""
REST = 20
"""A slow call rests for so many times as long as it took."""
NONSENSE_FROM = 1.5
"""Times the power that a card can be allowed; some laptops tell three times as much."""


@dataclass(slots=True)
class Asked:
    """How it went with one call: which way leads to it, and when it is due."""

    due: float = 0.0
    way: int = 0
    was_slow: bool = False
    rests: bool = False


@dataclass(slots=True)
class Answers:
    """The numbers of one card since its driver was opened.

    What it cannot tell is remembered, and not asked again. `most_power` is the watts that
    it can be allowed at most, where they are known.
    """

    most_power: float | None = None
    values: dict[Metric, float] = field(default_factory=dict)
    reasons: dict[Metric, Reason] = field(default_factory=dict)
    answered: int = 0
    failed: int = 0
    _asked: dict[str, Asked] = field(default_factory=dict)

    @property
    def mute(self) -> bool:
        """Whether nothing was answered that should have been."""
        return self.failed > 0 and not self.answered

    def ask_what_is_due(self, card: Any, now: float) -> None:
        """Make every call that is due; raises only what concerns the whole card."""
        self.answered = self.failed = 0
        for call in CALLS:
            asked = self._asked.setdefault(call.name, Asked())
            if now >= asked.due - (0 if asked.rests else A_TICK):
                self._ask(call, asked, card, now)
            elif asked.rests and call.every == EACH:
                self._blank(call, Reason.SLOW)

    def _ask(self, call: Call, asked: Asked, card: Any, now: float) -> None:
        begun = time.monotonic()
        asked.due = now + call.every
        try:
            self._take(call, self._answer(call, asked, card))
        except CannotAnswer as cannot:
            asked.due = float("inf")
            self._blank(call, cannot.reason)
        except (Passing, NotTold) as failure:
            asked.due = now + min(call.every, AGAIN)
            passing = isinstance(failure, Passing)
            self.failed += passing
            self._blank(call, Reason.FAILED if passing else Reason.NOT_SUPPORTED)
        took = time.monotonic() - begun
        asked.rests = took > SLOW and asked.was_slow
        asked.was_slow = took > SLOW
        if asked.rests:
            asked.due = max(asked.due, now + REST * took)

    def _answer(self, call: Call, asked: Asked, card: Any) -> tuple[float, ...]:
        """By the first way that leads there; `CannotAnswer` with what the first one said."""
        first = CannotAnswer(Reason.OLD_DRIVER)
        for number in range(asked.way, len(call.ways)):
            try:
                with nvml_errors():
                    answer = call.ways[number](card)
            except CannotAnswer as cannot:
                first = _weightier(first, cannot)
            else:
                asked.way = number
                return answer if isinstance(answer, tuple) else (answer,)
        raise first

    def _take(self, call: Call, answer: tuple[float, ...]) -> None:
        self.answered += 1
        for metric, value in zip(call.gives, answer, strict=True):
            if self._is_plausible(metric, value):
                self.values[metric] = value
                self.reasons.pop(metric, None)
            else:
                self._lack(metric, Reason.NONSENSE)

    def _is_plausible(self, metric: Metric, value: float) -> bool:
        if metric == Metric.POWER and self.most_power:
            return value <= NONSENSE_FROM * self.most_power
        return RANGES[metric].has(value)

    def _blank(self, call: Call, reason: Reason) -> None:
        for metric in call.gives:
            self._lack(metric, reason)

    def _lack(self, metric: Metric, reason: Reason) -> None:
        self.values.pop(metric, None)
        self.reasons[metric] = reason


def _weightier(first: CannotAnswer, second: CannotAnswer) -> CannotAnswer:
    """That the card cannot says more than that this driver has no such call."""
    return second if first.reason == Reason.OLD_DRIVER else first
