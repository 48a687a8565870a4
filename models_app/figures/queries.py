"""What each model server last told in numbers, or what its replies to us tell."""

import logging
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

import msgspec
import redis
from django.db import models
from django.utils.translation import gettext_lazy as _

from dashboard.live.bus import link
from dashboard.live.glance import glance
from models_app.gpu.keys import FIGURES

log = logging.getLogger(__name__)

FRESH: Final = 60.0
"""Seconds for which a number is shown; it is asked for each fifteen at the most."""
KEPT: Final = 3600
"""Seconds after which Redis forgets all of them, should nobody write any more."""
NUMBERS: Final = (
    "running",
    "waiting",
    "tokens_per_second",
    "first_token_p50",
    "first_token_p95",
    "kv_cache",
)


class Source(StrEnum):
    """Who tells the numbers of a server."""

    METRICS = "metrics"
    REPLIES = "replies"
    NOBODY = ""


class Lack(models.TextChoices):
    """Why a number is missing, each with its sentence."""

    NOT_TOLD = "not-told", _("This kind of server does not tell it.")
    OFF = "switched-off", _("The server was started without its metrics.")
    NOT_YET = (
        "not-yet",
        _("It takes two looks at the server; the second is on its way."),
    )
    NO_REPLIES = "no-replies", _("Nobody was answered in the last five minutes.")
    SILENT = "silent", _("The server did not tell its numbers in time.")
    UNHEARD = "unheard", _("The server has not told its numbers yet.")


UNTOLD: Final = (Lack.NOT_TOLD, Lack.OFF)
"""What a server will never tell as it is; its replies may."""


@dataclass(frozen=True, slots=True)
class ServerFigures:
    """The numbers of one server at Unix time `at`; each that is None has its reason.

    `tokens_per_second` is what the server writes for all together; the first token is in
    seconds, `kv_cache` from 0 to 1. `ours` are those that only Paddock's own replies tell:
    then the speed is that of the time in which it wrote any. `served` of those that run
    came through our door.
    """

    at: float
    running: int | None = None
    waiting: int | None = None
    tokens_per_second: float | None = None
    first_token_p95: float | None = None
    first_token_p50: float | None = None
    kv_cache: float | None = None
    source: Source = Source.NOBODY
    reasons: Mapping[str, Lack] = field(default_factory=dict)
    ours: frozenset[str] = frozenset()
    served: int = 0

    @property
    def generating(self) -> float | None:
        """Tokens a second that it writes now: replies that are over tell none, also those
        that ended since its meters were read before."""
        known = self.tokens_per_second is not None
        over = self.running == 0 and self.served == 0
        return 0.0 if known and over else self.tokens_per_second

    def running_with(self, served: int) -> int | None:
        """How many it writes by now, when that many of ours are there: what it told may be
        of before some of them came or ended."""
        if self.running is None:
            return None
        return served + max(0, self.running - self.served)


def figures_now(now: float | None = None) -> dict[int, ServerFigures]:
    """The numbers of each server by its own number; none of them while Redis is away."""
    moment = time.time() if now is None else now
    found: dict[int, list[ServerFigures]] = {}
    for name, raw in _told().items():
        server, figures = name.partition(":")[0], _read(raw, moment)
        if figures and server.isdecimal():
            found.setdefault(int(server), []).append(figures)
    return {pk: together(each) for pk, each in found.items()}


def figures_for(pk: int, now: float) -> ServerFigures | None:
    """The same of one server; None where nobody told any of late."""
    read = (_read(raw, now) for raw in _told_of(pk) if raw)
    found = [each for each in read if each]
    return together(found) if found else None


def together(told: Sequence[ServerFigures]) -> ServerFigures:
    """What a server tells, completed by what its replies tell; of one of them or both."""
    ranked = sorted(told, key=lambda each: each.source != Source.METRICS)
    first, last = ranked[0], ranked[-1]
    added = {
        name: value
        for name in NUMBERS
        if getattr(first, name) is None and (value := getattr(last, name)) is not None
    }
    reasons = {
        name: last.reasons.get(name, lack) if lack in UNTOLD else lack
        for name, lack in first.reasons.items()
        if name not in added
    }
    whole = replace(first, **added, reasons=reasons)
    numbers = {name for name in NUMBERS if getattr(whole, name) is not None}
    ours = numbers if first.source == Source.REPLIES else numbers & added.keys()
    return replace(whole, ours=frozenset(ours), source=_source(numbers, ours))


def keep_figures(figures: Mapping[int, ServerFigures]) -> None:
    """Write down what servers, or the replies of servers, tell by now; never raises."""
    if not figures:
        return
    fields: dict[Any, Any] = {
        f"{pk}:{each.source.value}": msgspec.json.encode(each)
        for pk, each in figures.items()
    }
    try:
        with link().pipeline(transaction=False) as at_once:
            at_once.hset(FIGURES, mapping=fields)
            at_once.expire(FIGURES, KEPT)
            at_once.execute()
    except (redis.RedisError, OSError) as failure:
        log.warning("The numbers of servers were not kept: %s", failure)


def numbers_told(figures: ServerFigures | None) -> dict[str, object]:
    """Each number or None, and in `reasons` why; of a server that nobody told of, too."""
    reasons = figures.reasons if figures else {}
    numbers = {name: getattr(figures, name, None) for name in NUMBERS}
    lacks = {
        name: reasons.get(name, Lack.UNHEARD).value
        for name, number in numbers.items()
        if number is None
    }
    return {**numbers, "reasons": lacks}


def as_told(pk: int, figures: ServerFigures) -> dict[str, object]:
    """The same with whose they are, from when, and who says so, for pages."""
    told = {
        "at": figures.at,
        "source": figures.source.value,
        "generating": figures.generating,
    }
    return {"backend": pk, **numbers_told(figures), **told}


def _told() -> dict[str, bytes]:
    # The link decodes nothing, whatever its types say.
    told: dict[Any, Any] = glance(lambda link: link.hgetall(FIGURES)) or {}
    return {name.decode(): raw for name, raw in told.items()}


def _told_of(pk: int) -> list[Any]:
    sources = [f"{pk}:{each.value}" for each in (Source.METRICS, Source.REPLIES)]
    try:
        return link().hmget(FIGURES, sources)
    except (redis.RedisError, OSError) as failure:
        log.warning("The numbers of server %s cannot be read: %s", pk, failure)
        return []


def _read(raw: bytes, now: float) -> ServerFigures | None:
    """None for what is old, or was written by another version of Paddock."""
    try:
        figures = _decoder.decode(raw)
    except msgspec.DecodeError:
        return None
    return figures if abs(now - figures.at) <= FRESH else None


def _source(numbers: Set[str], ours: Set[str]) -> Source:
    if numbers - ours:
        return Source.METRICS
    return Source.REPLIES if numbers else Source.NOBODY


_decoder = msgspec.json.Decoder(ServerFigures)
