"""What the meters of a server come to, beside what they showed before."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import msgspec
import redis

from dashboard.live.bus import link, publish
from dashboard.live.events import ServersSampled
from models_app.adapters.base import Can, Meters
from models_app.figures.metering import (
    Reading,
    Streamed,
    gained,
    kept,
    quantile,
    reading_of,
    speed_beside,
    with_owed,
)
from models_app.figures.queries import (
    NUMBERS,
    Lack,
    ServerFigures,
    Source,
    as_told,
    figures_for,
    keep_figures,
    together,
)
from models_app.gpu.keys import WATCHED
from models_app.models import Backend, Generation

log = logging.getLogger(__name__)

WATCHED_SECONDS, IDLE_SECONDS = 2.0, 15.0
"""Between two questions to all servers: while somebody looks, and else."""
NOTHING: Final = Streamed()
REMEMBERED: Final = 600
"""Seconds for which the readings of a server are kept; then it takes two new ones."""
SLACK: Final = 0.1
"""A clock that ticks every two seconds may tick a little early."""


def claim_round(name: str) -> bool:
    """Whether it is time to gather figures, and nobody else does; no, without Redis."""
    try:
        watched = bool(link().exists(WATCHED))
        pause = WATCHED_SECONDS if watched else IDLE_SECONDS
        key = f"paddock:status:asked:{name}:{'watched' if watched else 'idle'}"
        lease = round((pause - SLACK) * 1000)
        return bool(link().set(key, 1, px=lease, nx=True))
    except (redis.RedisError, OSError) as failure:
        log.warning("Servers are not asked for numbers: %s", failure)
        return False


def claim_metered(*, now: float) -> list[Backend]:
    """The servers whose meters should be read now; none while nothing is due.

    What cannot be reached is left to the looks, which know how often to try.
    """
    if not claim_round("meters"):
        return []
    rows = Backend.objects.filter(enabled=True).exclude(kind="")
    metered = [each for each in rows if Can.WORKLOAD in each.can]
    for each in metered:
        if not each.up:
            note_silence(each.pk, now=now)
    return [each for each in metered if each.up]


def note_meters(
    pk: int, meters: Meters, *, now: float, streamed: Streamed = NOTHING
) -> ServerFigures:
    """Keep what a server's meters showed, and tell the pages what it comes to, with what
    came to us meanwhile of what it writes."""
    told = meters.generated, meters.first_token
    known = _readings(pk)
    ended = _ended(known[-1], streamed) if known else {}
    newest = reading_of(now, *told, {**ended, **streamed.written})
    *old, newest = kept(known, newest)
    readings = (*old, with_owed(old[-1], newest) if old else newest)
    # Whoever has ended is done with: the next reading asks for nobody twice.
    _remember(pk, (*old, replace(readings[-1], written=streamed.written)))
    figures = figures_of(meters, readings, streamed)
    figures = replace(figures, served=len(streamed.written))
    _note(pk, figures)
    return figures


def note_silence(pk: int, *, now: float) -> None:
    """Keep that a server did not tell its numbers in time."""
    reasons = dict.fromkeys(NUMBERS, Lack.SILENT)
    _note(pk, ServerFigures(now, source=Source.METRICS, reasons=reasons))


def figures_of(
    meters: Meters, readings: Sequence[Reading], streamed: Streamed = NOTHING
) -> ServerFigures:
    """What the newest of these readings come to; the last one is of these meters."""
    newest = readings[-1]
    before = readings[-2] if len(readings) > 1 else None
    begun = gained(readings[0], newest)
    speed = speed_beside(before, newest, streamed) if before else None
    numbers: dict[str, float | int | None] = {
        "running": meters.running,
        "waiting": meters.waiting,
        "kv_cache": meters.kv_cache,
        "tokens_per_second": speed,
        "first_token_p50": quantile(0.5, begun),
        "first_token_p95": quantile(0.95, begun),
    }
    reasons = {
        name: _lack(name, meters, seen=before is not None)
        for name, number in numbers.items()
        if number is None
    }
    known = {name: number for name, number in numbers.items() if number is not None}
    return ServerFigures(
        newest.at,
        source=Source.METRICS,
        reasons=reasons,
        **known,  # type: ignore[arg-type] # each by its name
    )


def _ended(before: Reading, streamed: Streamed) -> dict[str, int]:
    """All that came of those that ran at the last reading and have ended: what their
    tickets told last may be two seconds short of it."""
    gone = before.written.keys() - streamed.written.keys()
    if not gone:
        return {}
    rows = Generation.objects.filter(ticket__in=gone)
    told = rows.values_list("ticket", "completion_tokens")
    return {ticket: tokens for ticket, tokens in told if tokens is not None}


def _lack(name: str, meters: Meters, *, seen: bool) -> Lack:
    counted = {
        "tokens_per_second": meters.generated,
        "first_token_p50": meters.first_token,
        "first_token_p95": meters.first_token,
    }.get(name)
    if meters.off:
        return Lack.OFF
    if not counted:
        return Lack.NOT_TOLD
    return Lack.NO_REPLIES if seen and name != "tokens_per_second" else Lack.NOT_YET


def _note(pk: int, figures: ServerFigures) -> None:
    """With what its replies tell beside, so that no page sees a number come and go."""
    keep_figures({pk: figures})
    whole = figures_for(pk, figures.at) or together([figures])
    publish(ServersSampled((as_told(pk, whole),)))


def _readings(pk: int) -> tuple[Reading, ...]:
    try:
        raw = link().get(_key(pk))
        return _decoder.decode(raw) if raw else ()
    except (redis.RedisError, OSError, msgspec.DecodeError) as failure:
        log.warning("What server %s told before is lost: %s", pk, failure)
        return ()


def _remember(pk: int, readings: Sequence[Reading]) -> None:
    try:
        link().set(_key(pk), msgspec.json.encode(readings), ex=REMEMBERED)
    except (redis.RedisError, OSError) as failure:
        log.warning("What server %s told is not kept: %s", pk, failure)


def _key(pk: int) -> str:
    return f"paddock:status:readings:{pk}"


_decoder = msgspec.json.Decoder(tuple[Reading, ...])
