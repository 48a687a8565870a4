"""What a host says of itself and its cards at one moment, and how that travels.

A sample is JSON, whole in itself: what is missing of it was not known then. It comes from
another machine, and is read like anything a stranger typed.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from models_app.gpu.metrics import (
    RANGES,
    DriverState,
    HostMetric,
    Metric,
    Reason,
)

MOST_BYTES = 256 * 1024
"""Of one sample as it travels: sixteen cards with all their processes need less."""

Name = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Identifier = Annotated[
    str, Meta(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+\Z")
]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Seconds = Annotated[float, Meta(ge=0, le=1e12)]
Bytes = Count


NAMELESS = "unknown-"
"""How the stand-in for a card's UUID begins, until the card has told its own."""


class Unreadable(Exception):
    """What came is no sample; the message says what is wrong with it."""


class Part(Struct, frozen=True, omit_defaults=True):
    """A MIG instance of a card."""

    uuid: Identifier
    name: Name = ""
    memory_used: Bytes | None = None
    memory_total: Bytes | None = None


class Process(Struct, frozen=True, omit_defaults=True):
    """A process that holds memory of a card, bytes or None where the driver hides it.

    `program` is what it looks like ("ollama", "llamacpp", "vllm", "lmstudio", ""), and
    `model` what its own command line says that it serves: a path, a name, or the digest
    of a blob. `ports` are those that it or its parents listen on. `graphics` draws a
    screen. `part` names the MIG instance. An empty `name`: a pid that this host's agent
    cannot look at (a container without the host's pids).
    """

    pid: Count
    memory: Bytes | None = None
    name: Name = ""
    program: Name = ""
    model: Name = ""
    ports: Annotated[tuple[Count, ...], Meta(max_length=16)] = ()
    user: Name = ""
    graphics: bool = False
    part: Name = ""


class Xid(Struct, frozen=True):
    """An error that the driver reported; `at` is the host's Unix time."""

    code: Count
    at: Seconds


class Card(Struct, frozen=True, omit_defaults=True):
    """A card as it was; each metric is a number, or missing with its reason.

    `lost`: it does not answer any more, and `values` are its last ones. `shared`: it has
    no memory of its own. `processes` is None where they cannot be listed.
    """

    uuid: Identifier
    index: Annotated[int, Meta(ge=0, le=1024)] = 0
    name: Name = ""
    vendor: Name = "nvidia"
    values: dict[Metric, float] = {}
    reasons: dict[Metric, Reason] = {}
    processes: Annotated[tuple[Process, ...], Meta(max_length=64)] | None = None
    processes_reason: Reason | None = None
    parts: Annotated[tuple[Part, ...], Meta(max_length=16)] = ()
    xids: Annotated[tuple[Xid, ...], Meta(max_length=16)] = ()
    lost: bool = False
    shared: bool = False

    def value(self, metric: Metric) -> float | None:
        return self.values.get(metric)

    @property
    def is_nameless(self) -> bool:
        """Whether it has never answered: shown, but without a row or a history."""
        return self.uuid.startswith(NAMELESS)


class Host(Struct, frozen=True, omit_defaults=True):
    """The machine itself; `models_folder` is where `disk_…` was looked at."""

    values: dict[HostMetric, float] = {}
    reasons: dict[HostMetric, Reason] = {}
    system: Name = ""
    models_folder: Name = ""

    def value(self, metric: HostMetric) -> float | None:
        return self.values.get(metric)


class NodeSample(Struct, frozen=True, omit_defaults=True):
    """One look at one host.

    `boot` names the run of the agent and `seq` counts its samples. `sent_at` is Unix time
    by the host's clock, `mono` seconds of its monotonic clock, `interval` the seconds to
    the next sample and `took` those that this one cost.
    """

    node: Identifier
    boot: Identifier
    seq: Count
    sent_at: Seconds
    mono: Seconds
    interval: Annotated[float, Meta(gt=0, le=3600)]
    took: Seconds = 0.0
    driver: DriverState = DriverState.NO_NVIDIA
    driver_version: Name = ""
    cuda_version: Name = ""
    agent: Name = ""
    cards: Annotated[tuple[Card, ...], Meta(max_length=64)] = ()
    host: Host = Host()


_decoder = msgspec.json.Decoder(NodeSample)
_encoder = msgspec.json.Encoder()


def write_sample(sample: NodeSample) -> bytes:
    """The sample as it travels."""
    return _encoder.encode(sample)


def read_sample(raw: bytes, *, node: str) -> NodeSample:
    """What a host sent under its own name, or `Unreadable`.

    Nothing in it is taken at its word: names come without control characters, numbers
    within what is plausible, and each card once.
    """
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"it has more than {MOST_BYTES} bytes")
    try:
        sample = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as nonsense:
        raise Unreadable(str(nonsense)) from nonsense
    if sample.node != node:
        raise Unreadable(f"it came from {node} and says that it is of {sample.node}")
    if len({card.uuid for card in sample.cards}) < len(sample.cards):
        raise Unreadable("it has two cards of one name")
    for card in sample.cards:
        _check(card)
    return sample


def _check(card: Card) -> None:
    for metric, value in card.values.items():
        within = RANGES[metric]
        if not within.least <= value <= within.most:
            raise Unreadable(f"{metric} of {card.uuid} cannot be {value:g}")
