"""What our own replies tell of the servers that wrote them: speed, first token, how many."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from chat.at_door import all_present
from dashboard.live.bus import publish
from dashboard.live.events import ServersSampled
from models_app.figures.keeping import claim_round
from models_app.figures.queries import (
    NUMBERS,
    Lack,
    ServerFigures,
    Source,
    as_told,
    figures_now,
    keep_figures,
)
from models_app.models import Backend, Generation

WINDOW: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Told:
    """What a generation that is over cost; `ended` is Unix time, the rest in seconds."""

    server: str
    ended: float
    first_token: float | None
    total: float | None
    tokens: int | None


def sum_up_replies(*, now: datetime | None = None) -> None:
    """Write down what replies tell of each server, and tell the pages; when it is due."""
    if not claim_round("replies"):
        return
    moment = now or timezone.now()
    figures = reply_figures(moment)
    keep_figures(figures)
    whole = figures_now(moment.timestamp())
    publish(
        ServersSampled(tuple(as_told(pk, whole[pk]) for pk in figures if pk in whole))
    )


def reply_figures(now: datetime) -> dict[int, ServerFigures]:
    """The same of every enabled server, by its number."""
    told: dict[str, list[Told]] = {}
    for each in closed_replies(now):
        told.setdefault(each.server, []).append(each)
    served = [each for each in all_present() if not each.waits]
    running = Counter(each.server for each in served)
    servers = Backend.objects.filter(enabled=True).values_list("pk", "name")
    return {
        pk: figures_in(
            told.get(name, ()),
            running=running[name],
            speed=sum(each.speed for each in served if each.server == name),
            at=now.timestamp(),
        )
        for pk, name in servers
    }


def closed_replies(now: datetime) -> list[Told]:
    """What servers wrote in the last minutes, for people and for programs.

    What somebody waited in line is not the server's doing.
    """
    rows = Generation.objects.filter(ended_at__gt=now - WINDOW).exclude(server="")
    values = rows.values_list(
        "server",
        "ended_at",
        "queue_ms",
        "first_token_ms",
        "total_ms",
        "completion_tokens",
    )
    return [
        Told(
            server,
            ended.timestamp(),
            _seconds(first, besides=queue),
            _seconds(total, besides=queue),
            tokens,
        )
        for server, ended, queue, first, total, tokens in values
    ]


def figures_in(
    told: Iterable[Told], *, running: int, at: float, speed: float = 0.0
) -> ServerFigures:
    """What these replies of one server come to; `speed` is that of those that it writes
    now, and counts before what is over."""
    replies = list(told)
    waits = sorted(e.first_token for e in replies if e.first_token is not None)
    numbers: Mapping[str, float | None] = {
        "tokens_per_second": speed or speed_of(replies),
        "first_token_p50": share_of(waits, 0.5),
        "first_token_p95": share_of(waits, 0.95),
    }
    return ServerFigures(
        at,
        running=running,
        served=running,
        source=Source.REPLIES,
        reasons={
            name: Lack.NO_REPLIES if name in numbers else Lack.NOT_TOLD
            for name in NUMBERS
            if name != "running" and numbers.get(name) is None
        },
        **numbers,  # type: ignore[arg-type] # each by its name
    )


def speed_of(replies: Iterable[Told]) -> float | None:
    """Tokens a second, over the time in which at least one of these was being written.

    So it is the speed of one reply where they came one after the other, and that of the
    whole server where they came together.
    """
    tokens, spans = 0, []
    for each in replies:
        writing = (each.total or 0) - (each.first_token or 0)
        if each.tokens and each.first_token is not None and writing > 0:
            tokens += each.tokens
            spans.append((each.ended - writing, each.ended))
    seconds = covered(spans)
    return tokens / seconds if seconds else None


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """How much time these take, where they overlap but once."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def share_of(waits: Sequence[float], share: float) -> float | None:
    """The wait that this share of them did not exceed, of waits in order."""
    if not waits:
        return None
    return waits[min(int(share * len(waits)), len(waits) - 1)]


def _seconds(milliseconds: int | None, *, besides: int | None) -> float | None:
    return None if milliseconds is None else (milliseconds - (besides or 0)) / 1000
