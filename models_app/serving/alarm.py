"""Whether the model read all that it was sent: pure, from counts to an alarm or none.

Ollama leaves out old messages, and the middle of one that is too long, without a word.
What was sent is known for sure only as "so many tokens at least" (`least.py`), so that no
alarm is raised unless more than a stated margin is missing.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from models_app.adapters.overflow import Overflow, overflow_in

MARGIN = 0.10
"""So much of the least that was sent may be missing before it counts: a few tokenizers
join marks and words."""
SLACK = 16
"""Tokens that may be missing of a short prompt for the same reason."""
NEAR = 0.95
"""From this share of the window on it counts as full."""
USUAL = 1.35
"""Tokens for each of the least, where nothing was learned yet."""
MARK = 8
"""Ollama keeps the first few tokens of a message that is too long, and of the rest as
much as fills half of the window: so near to that half lies what it says it read."""


class Kind(StrEnum):
    """What is wrong: some was left out unread, hardly any room is left, or it was
    refused."""

    CUT = "cut"
    FULL = "full"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier prompt: the least that was sent, and what its server read."""

    least: int
    read: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of a prompt's length, in tokens.

    `before` is the prompt of an earlier turn, of which this one is a continuation, read
    by the same model of the same server. `ratio` is how many tokens this model reads for
    each of the least, as earlier prompts have taught.
    """

    least: int
    scarce: int = 0
    before: Earlier | None = None
    ratio: float | None = None

    @property
    def surely(self) -> int:
        """No fewer than this were sent, within the margin.

        What an earlier turn was read as is in this one once more, and what came since.
        """
        if self.before is None or self.before.least > self.least:
            return self.least
        grown = self.before.read + self.least - self.before.least
        return max(self.least, grown)

    @property
    def about(self) -> int:
        """The best guess."""
        if self.before and 0 < self.before.least <= self.least:
            ratio = self.before.read / self.before.least
            return max(round(self.least * ratio), self.surely)
        return max(round(self.least * (self.ratio or USUAL)), self.surely, self.scarce)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server says of a reply: tokens it read and wrote, and why it ended.

    `window` is what the model was loaded with, as far as that is known. `silent` is a
    server that may leave out what is too long without a word. `refusal` is what it said where it refused the prompt as too long.
    """

    read: int | None = None
    written: int | None = None
    window: int | None = None
    silent: bool = True
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """How many tokens were sent (`exact`: counted by the server) and how many of these
    were read; `used` is what of the window is taken after the reply."""

    kind: Kind
    sent: int
    read: int = 0
    window: int | None = None
    exact: bool = False
    used: int = 0

    @property
    def dropped(self) -> int:
        return max(0, self.sent - self.read)


def alarm_of(sent: Sent, answered: Answered) -> Alarm | None:
    """What somebody must be told about how much was read; None where all is well."""
    if answered.refusal:
        overflow = overflow_in(answered.refusal)
        return _refused(overflow, sent) if overflow else None
    if not answered.read:
        # Some servers say nothing when all of it was in their cache.
        return None
    if answered.silent and is_cut(sent, answered.read, answered.window):
        return _cut(sent, answered)
    return _full(answered)


def is_cut(sent: Sent, read: int, window: int | None) -> bool:
    """Whether fewer tokens were read than can have been sent."""
    if read < sent.surely * (1 - MARGIN) - SLACK:
        return True
    return _at_mark(read, window) and sent.scarce > read


def _at_mark(read: int, window: int | None) -> bool:
    return window is not None and abs(read - window // 2) <= MARK


def _cut(sent: Sent, answered: Answered) -> Alarm:
    read, about = answered.read or 0, max(sent.about, (answered.read or 0) + 1)
    # Nothing is left out of what fits: such a window is that of an earlier load.
    window = answered.window
    if window is not None and not read <= window <= about:
        window = None
    used = read + (answered.written or 0)
    return Alarm(Kind.CUT, about, read, window, used=used)


def _full(answered: Answered) -> Alarm | None:
    read = answered.read or 0
    used = read + (answered.written or 0)
    if not answered.window or used < answered.window * NEAR:
        return None
    return Alarm(Kind.FULL, read, read, answered.window, exact=True, used=used)


def _refused(overflow: Overflow, sent: Sent) -> Alarm:
    alarm = Alarm(
        Kind.REFUSED, overflow.sent, window=overflow.window, exact=overflow.exact
    )
    if overflow.exact:
        return alarm
    return replace(alarm, sent=max(overflow.sent, sent.about))
