"""The last sample of each host that was taken in, as it stands in Redis for the pages."""

import logging
from collections.abc import Sequence
from typing import Any

import msgspec
import redis
from msgspec import Struct

from models_app.gpu.keys import latest_key
from models_app.gpu.samples import NodeSample

log = logging.getLogger(__name__)

KEPT = 60 * 60 * 24
"""Seconds; after a day without a word there are no last numbers any more."""


class Latest(Struct, frozen=True):
    """`received_at` is our time; `offset` is what the host's clock lacks to ours."""

    received_at: float
    offset: float
    sample: NodeSample


_decoder = msgspec.json.Decoder(Latest)
_encoder = msgspec.json.Encoder()


def keep_latest(together: "redis.client.Pipeline", latest: Latest) -> None:
    key = latest_key(latest.sample.node)
    together.set(key, _encoder.encode(latest), ex=KEPT)


def read_latest(link: redis.Redis, names: Sequence[str]) -> dict[str, Latest]:
    """The last sample of each of these hosts that has one."""
    if not names:
        return {}
    texts: Any = link.mget([latest_key(name) for name in names])
    found = zip(names, map(_read, texts), strict=True)
    return {name: latest for name, latest in found if latest is not None}


def _read(text: bytes | None) -> Latest | None:
    if text is None:
        return None
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError as nonsense:
        # Another version of Paddock wrote it; the next sample replaces it.
        log.warning("A last sample is unreadable: %s", nonsense)
        return None
