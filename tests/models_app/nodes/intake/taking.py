"""A house whose intake goes by a clock of the test's, with the real Valkey."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import redis
from django.conf import settings

from models_app.gpu.keys import samples_key
from models_app.gpu.samples import NodeSample, write_sample
from models_app.nodes.intake.intake import Intake
from models_app.nodes.intake.streams import Arrival
from tests.make import make_sample

BEGIN = 1_800_000_000.0


@dataclass
class Clock:
    now: float = BEGIN

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    """`heard` are the frames that pages of the status would get."""

    link: redis.Redis
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.intake = Intake(self.link, clock=self.clock)

    @property
    def now(self) -> float:
        return self.clock.now

    def step(self) -> bool:
        return self.intake.step()

    def another(self) -> "Bench":
        """Another process, after this one has died."""
        self.intake.lease.give_back()
        return Bench(self.link, self.clock)

    def send(self, raw: bytes, *, node: str = "gpu-01") -> None:
        self.link.xadd(samples_key(node), {"sample": raw})

    def hear(self, *samples: NodeSample, received: float | None = None) -> None:
        """As if these had just come."""
        if not self.intake.known:
            self.step()
        at = self.now if received is None else received
        self.intake.take_in(
            [Arrival(each.node, at, write_sample(each)) for each in samples]
        )

    def run(
        self,
        seconds: int,
        sample: Callable[[float], NodeSample] = lambda at: make_sample("gpu-01", at),
        *,
        every: int = 1,
    ) -> None:
        """So much time, with a sample each `every` seconds."""
        for _each in range(0, seconds, every):
            self.hear(sample(self.now))
            self.clock.now += every

    def settle(self) -> None:
        """Let the open buckets close."""
        self.clock.now += 60
        self.intake.take_in([])


def open_link() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


def sample_at(at: float, **fields: Any) -> NodeSample:
    return make_sample("gpu-01", at, **fields)
