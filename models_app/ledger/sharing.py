"""Sharing out among generations what the cards took, once the samples of their time are in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from models_app.ledger.places import Place, places_now
from models_app.ledger.shares import Share, Stretch, Work, shared_out, weight_of
from models_app.ledger.spent import forget_spent
from models_app.models import Generation, TenSeconds
from models_app.nodes.rollup import KEPT

SETTLED = timedelta(seconds=40)
"""After its end, when the rows of a generation's last seconds are written."""
OLDEST = timedelta(seconds=KEPT[TenSeconds])
"""Rows of ten seconds are gone after it: what ended before stays unknown."""
AT_ONCE, MOST = 200, 4_000
"""How many are reckoned in one transaction, and in one run; the next goes on."""
STEP = TenSeconds.STEP
TOLD = ("joules", "gpu_seconds", "node", "reckoned_at")

Rows = QuerySet[Generation]


@dataclass(frozen=True, slots=True)
class Window:
    since: datetime
    until: datetime


def share_out(*, now: datetime) -> int:
    """Reckon what ended a while ago and was not reckoned yet; how many that were.

    What ran beside it on the same cards is reckoned again with it, for its shares are
    smaller now: a long generation comes into the ledger after the short ones that it ran
    beside. So at any time the shares of what is in the ledger come to no more than the
    cards took. To do it twice is as good as once.
    """
    open_rows = Generation.objects.filter(reckoned_at=None)
    count = open_rows.filter(ended_at__lt=now - OLDEST).update(reckoned_at=now)
    places = places_now() if open_rows.exists() else {}
    while count < MOST and (done := _reckon_some(places, now)):
        count += done
    return count


@transaction.atomic
def _reckon_some(places: Mapping[int, Place], now: datetime) -> int:
    """In one transaction, with the rows held: none of them is written anew meanwhile."""
    waiting = Generation.objects.filter(reckoned_at=None, ended_at__lte=now - SETTLED)
    due = list(waiting.select_for_update().order_by("ended_at")[:AT_ONCE])
    if not due:
        return 0
    beside = _beside(due, places, now)
    shares = _shares([*due, *beside], places)
    changed = [*due, *(row for row in beside if _is_new(row, shares.get(row.pk)))]
    for row in changed:
        place = places.get(row.backend_id or 0, Place())
        share = shares.get(row.pk, Share())
        row.joules, row.gpu_seconds = share.joules, share.gpu_seconds
        row.node_id = place.node or row.node_id
        row.reckoned_at = now
        if row.person_id is not None:
            forget_spent(row.person_id)
    Generation.objects.bulk_update(changed, TOLD, batch_size=50)
    return len(due)


def _is_new(row: Generation, share: Share | None) -> bool:
    """Most that ran beside the newest were reckoned together with them."""
    return share != Share(row.gpu_seconds, row.joules)


def _beside(
    due: Sequence[Generation], places: Mapping[int, Place], now: datetime
) -> list[Generation]:
    """What is reckoned already and ran on the same cards at the same time.

    What began so long ago that rows of its time may be gone stays as it is.
    """
    if not (window := _window(due)):
        return []
    rows = _overlapping(window, places).exclude(reckoned_at=None)
    lasting = rows.filter(asked_at__gte=now - OLDEST + timedelta(hours=1))
    works = [work for row in due if (work := _work(row, places))]
    return [
        row
        for row in lasting.select_for_update()
        if (other := _work(row, places)) and any(_meet(each, other) for each in works)
    ]


def _shares(
    rows: Sequence[Generation], places: Mapping[int, Place]
) -> dict[int, Share]:
    """Of these, with all that ran beside any of them."""
    if not (window := _window(rows)):
        return {}
    all_rows = _overlapping(window, places)
    works = [work for row in all_rows if (work := _work(row, places))]
    cards = frozenset[int]().union(*(each.cards for each in works))
    return shared_out(works, _stretches(cards, window))


def _window(rows: Iterable[Generation]) -> Window | None:
    spans = [(start, row.ended_at) for row in rows if (start := started(row))]
    if not spans:
        return None
    return Window(min(s for s, _ in spans), max(end for _, end in spans))


def started(row: Generation) -> datetime | None:
    """When a server began with it; None where none did, or nobody knows."""
    if row.began_at is None and row.queue_ms is not None and row.server:
        return row.asked_at + timedelta(milliseconds=row.queue_ms)
    return row.began_at


def _overlapping(window: Window, places: Mapping[int, Place]) -> Rows:
    known = [pk for pk, place in places.items() if place.cards]
    began = Q(began_at__lt=window.until) | Q(began_at=None)
    return Generation.objects.filter(
        began, backend__in=known, ended_at__gt=window.since, asked_at__lt=window.until
    )


def _work(row: Generation, places: Mapping[int, Place]) -> Work | None:
    start, place = started(row), places.get(row.backend_id or 0, Place())
    if start is None or not place.cards:
        return None
    return Work(
        row.pk,
        start.timestamp(),
        row.ended_at.timestamp(),
        place.cards,
        weight_of(row.prompt_tokens, row.completion_tokens, row.cached_tokens),
    )


def _meet(one: Work, other: Work) -> bool:
    same = bool(one.cards & other.cards)
    return same and one.since < other.until and other.since < one.until


def _stretches(cards: frozenset[int], window: Window) -> Iterable[Stretch]:
    first = int(window.since.timestamp()) // STEP * STEP
    rows = TenSeconds.objects.filter(
        gpu__in=cards, bucket__gte=first, bucket__lt=window.until.timestamp()
    )
    for gpu, bucket, joules, util in rows.values_list(
        "gpu", "bucket", "energy", "util_avg"
    ):
        yield Stretch(gpu, bucket, STEP, joules, None if util is None else util / 1000)
