"""What a host says of itself and its cards at one moment, and how that travels.

A sample is JSON, whole in itself: what is missing of it was not known then. It comes from
another machine, and is read like anything a stranger typed.
"""

from collections.abc import Mapping
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct, structs

from models_app.gpu.metrics import (
    HOST_RANGES,
    RANGES,
    DriverState,
    HostMetric,
    Metric,
    Range,
    Reason,
)

MOST_BYTES = 256 * 1024
"""Of one sample as it travels: sixteen cards with all their processes need less."""

SHORTEST, SLOWEST = 0.1, 60.0
"""Seconds between two samples of a host, at least and at most."""
XID_KEPT, XID_AHEAD = 86_400.0, 60.0
"""Seconds before and after its sample from which on an Xid is not believed."""

Name = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Identifier = Annotated[
    str, Meta(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+\Z")
]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Seconds = Annotated[float, Meta(ge=0, le=1e12)]
Bytes = Count
M = TypeVar("M", Metric, HostMetric)


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
    interval: Annotated[float, Meta(ge=SHORTEST, le=SLOWEST)]
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
    _check(sample.node, sample.host.values, HOST_RANGES)
    for card in sample.cards:
        _check(card.uuid, card.values, RANGES)
    cards = tuple(_with_sound_xids(card, sample.sent_at) for card in sample.cards)
    return structs.replace(sample, cards=cards)


def _check(whose: str, values: Mapping[M, float], ranges: Mapping[M, Range]) -> None:
    for metric, value in values.items():
        if not ranges[metric].has(value):
            raise Unreadable(f"{metric} of {whose} cannot be {value:g}")


def _with_sound_xids(card: Card, now: float) -> Card:
    """Without errors that come from the future or were long ago, by the host's clock."""
    sound = tuple(x for x in card.xids if -XID_KEPT <= x.at - now <= XID_AHEAD)
    return card if sound == card.xids else structs.replace(card, xids=sound)
