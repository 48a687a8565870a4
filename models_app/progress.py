"""Where a download stands, made of what its server says. Pure: no clock, no network.

Servers say little and not always the truth: a layer may begin high (it was there), fall
(a part was damaged), never reach its end, or have no line at all; and no server announces
the sum of all layers before it has come to the last of them.
"""

from collections import deque
from dataclasses import dataclass, field, replace

from models_app.adapters.base import PullStep
from models_app.adapters.lines import storable

WINDOW = 10.0
"""Seconds over which a speed is measured."""
SHORTEST = 1.0
"""Seconds before there is one."""
QUIET = 5
"""Seconds without news after which that is worth telling."""
TRIES = 3
"""How often a server is asked again in vain before that is the end."""
MOST_LAYERS = 256
MOST_BYTES = 2**44
"""Of one layer: a server may say any number, and all layers together must still be one that
a column and a page can hold."""
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Layer:
    """A part of a model; `completed` is never more than its `total`, where that is told."""

    name: str
    total: int | None
    completed: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a pull stands at one moment, as it is kept and shown.

    `idle` is in seconds, 0 while there are news; `fruitless` counts as in `Progress`.
    """

    said: str = ""
    layers: tuple[Layer, ...] = ()
    speed: int | None = None
    job: str = ""
    retries: int = 0
    idle: int = 0
    fruitless: int = 0

    @property
    def done(self) -> int:
        return sum(each.completed for each in self.layers)

    @property
    def total(self) -> int | None:
        """Of the layers known so far; None when a size is missing."""
        sizes = [each.total for each in self.layers if each.total is not None]
        return sum(sizes) if sizes and len(sizes) == len(self.layers) else None

    def whole(self) -> "Standing":
        """With every byte there: the server says so, whatever its lines summed up to."""
        return replace(self, layers=tuple(map(_whole, self.layers)), speed=None)


@dataclass(slots=True)
class Progress:
    """Takes a server's steps, and knows what they come to; `now` is any steady clock.

    `fruitless` counts how often the server was asked again since the last new byte.
    """

    moved_at: float
    said: str = ""
    job: str = ""
    layers: dict[str, Layer] = field(default_factory=dict)
    received: int = 0
    retries: int = 0
    fruitless: int = 0
    heard_at: float = field(init=False)
    """When there were news last; unlike `moved_at`, no question to the server moves it."""
    settling: bool = False
    """All bytes are there, and the server makes a model of them."""
    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.heard_at = self.moved_at

    def take(self, step: PullStep, *, now: float) -> None:
        said = storable(step.said)[:LONGEST]
        if said != self.said:
            self.said, self.moved_at = said, now
            # A server that is asked again begins with the same words: no news.
            if not self.fruitless:
                self.heard_at = now
        self.job = storable(step.job)[:LONGEST] or self.job
        if step.layer or step.total is not None or step.completed is not None:
            self.settling = False
            self._take_layer(step, now=now)
        else:
            self.settling = bool(self.layers)

    def ask_again(self, *, now: float) -> None:
        """The server is asked anew, and goes on with what it has."""
        self.retries += 1
        self.fruitless += 1
        self.moved_at = now
        self.settling = False

    def idle_for(self, now: float) -> float:
        """Seconds since something moved; a line that says nothing new does not count."""
        return max(now - self.moved_at, 0.0)

    def standing(self, *, now: float) -> Standing:
        standing = Standing(
            said=self.said,
            layers=tuple(self.layers.values()),
            speed=self._speed(now),
            job=self.job,
            retries=self.retries,
            idle=self._idle(now),
            fruitless=self.fruitless,
        )
        return standing.whole() if self.settling else standing

    def _take_layer(self, step: PullStep, *, now: float) -> None:
        name = storable(step.layer)[:LONGEST]
        before = self.layers.get(name)
        if before is None and len(self.layers) >= MOST_LAYERS:
            return
        layer = _layer(name, step, before)
        # What was there at the first look did not come over the wire just now.
        news = layer.completed - before.completed if before else 0
        if before is None or news > 0:
            self.fruitless = 0
            self.moved_at = self.heard_at = now
        self.received += max(news, 0)
        if name:
            # Bytes told before the server had a name for what they belong to.
            self.layers.pop("", None)
        self.layers[name] = layer

    def _idle(self, now: float) -> int:
        """Whole seconds without news, once they are worth telling."""
        idle = int(now - self.heard_at)
        return idle if idle >= QUIET and not self.settling else 0

    def _speed(self, now: float) -> int | None:
        """Bytes a second over the window; bytes that were thrown away have come as well."""
        samples = self._samples
        if not samples or now > samples[-1][0]:
            samples.append((now, self.received))
        while len(samples) > 2 and samples[1][0] <= now - WINDOW:
            samples.popleft()
        began, at_first = samples[0]
        span = now - began
        if span < SHORTEST:
            return None
        return _cut(round((self.received - at_first) / span), MOST_BYTES)


def _layer(name: str, step: PullStep, before: Layer | None) -> Layer:
    """What is told now, else what was told before; a number that cannot be is cut."""
    known = before or Layer(name, total=None, completed=0)
    total = known.total if step.total is None else _cut(step.total, MOST_BYTES)
    completed = known.completed if step.completed is None else step.completed
    return Layer(name, total, _cut(completed, MOST_BYTES if total is None else total))


def _whole(layer: Layer) -> Layer:
    return layer if layer.total is None else replace(layer, completed=layer.total)


def _cut(number: int, most: int) -> int:
    return min(max(number, 0), most)
