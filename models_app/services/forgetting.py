"""Deleting rows that nobody needs any more, a few at a time.

What is open stays, and so does whatever a page still explains something with.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from models_app.models import (
    Alert,
    ApiFile,
    Asker,
    Batch,
    Errand,
    Generation,
    LanguageModel,
    ModelShape,
    Pull,
    PullRequest,
)

ERRANDS: Final = timedelta(days=7)
"""After its end, an errand: the page of a model lists its last ones until then."""
PULLS: Final = timedelta(days=90)
"""After its end, a pull, unless a request that is kept tells by it what became of it."""
REQUESTS: Final = timedelta(days=90)
"""After its answer, a request, with all who asked and have seen what became of it."""
UNSEEN: Final = timedelta(days=365)
"""After the last news of it, a request that somebody who asked has not looked at since."""
ALERTS: Final = timedelta(days=90)
"""After its end, an alert, with what each webhook was told of it."""
SHAPES: Final = timedelta(days=30)
"""After the last server has lost the model, a shape; it would be asked for again."""
BATCHES: Final = timedelta(days=30)
"""After its end, a batch, and after it came, a file; the disk is swept after that."""
CHUNK: Final = 100
"""So many rows are deleted at once: SQLite lets nobody else write meanwhile."""


def forget_old(*, now: datetime, chunk: int = CHUNK) -> None:
    """Delete what is older than the periods above; twice is as good as once."""
    # A pull goes after its request: without it, that would tell of a failure.
    for rows in (
        _errands(now),
        _requests(now),
        _pulls(now),
        _shapes(now),
        _generations(now),
        _alerts(now),
        _batches(now),
        _files(now),
    ):
        _delete(rows, chunk=chunk)


def _delete(rows: QuerySet[Any], *, chunk: int) -> None:
    for some in _chunks(rows, chunk):
        # Asked again: somebody may have begun to need one since.
        rows.filter(pk__in=some).delete()


def _chunks(rows: QuerySet[Any], chunk: int) -> Iterable[list[int]]:
    """The keys of all the rows by their order, each transaction's apart."""
    last = 0
    while True:
        after = rows.order_by("pk").filter(pk__gt=last)
        some = list(after.values_list("pk", flat=True)[:chunk])
        if not some:
            return
        yield some
        last = some[-1]


def _errands(now: datetime) -> QuerySet[Errand]:
    ended = Errand.objects.exclude(status__in=Errand.OPEN)
    return ended.filter(ended_at__lt=now - ERRANDS)


def _requests(now: datetime) -> QuerySet[PullRequest]:
    """Answered long ago; nothing of them is under way, and nobody is still to be told."""
    answered = PullRequest.objects.exclude(status=PullRequest.Status.PENDING)
    pulls = Pull.objects.filter(requests=OuterRef("pk"))
    unseen = Asker.objects.filter(
        request=OuterRef("pk"), news=True, person__is_active=True
    )
    fresh = pulls.filter(ended_at__gte=now - UNSEEN)
    stale = Q(answered_at__lt=now - UNSEEN) & ~Exists(fresh)
    return answered.filter(
        ~Exists(pulls.open()),
        stale | ~Exists(unseen),
        answered_at__lt=now - REQUESTS,
    )


def _pulls(now: datetime) -> QuerySet[Pull]:
    """Ended long ago. The last of each model that was made of a preset stays: the page of
    the preset lists it."""
    later = Pull.objects.filter(
        preset=OuterRef("preset"),
        backend=OuterRef("backend"),
        key=OuterRef("key"),
        created_at__gt=OuterRef("created_at"),
    )
    ended = Pull.objects.ended().filter(ended_at__lt=now - PULLS)
    told = PullRequest.objects.filter(pulls=OuterRef("pk"))
    return ended.filter(Q(preset=None) | Exists(later), ~Exists(told))


def _alerts(now: datetime) -> QuerySet[Alert]:
    return Alert.objects.filter(cleared_at__lt=now - ALERTS)


def _shapes(now: datetime) -> QuerySet[ModelShape]:
    """Of content that no server lists, and none has listed lately.

    A server that is away still counts as listing what it did.
    """
    lately = Q(listed=True) | Q(seen_at__gte=now - SHAPES)
    used = LanguageModel.objects.filter(lately, mark=OuterRef("mark"))
    return ModelShape.objects.filter(~Exists(used), seen_at__lt=now - SHAPES)


def _generations(now: datetime) -> QuerySet[Generation]:
    """Rows of the ledger, as long ago as the house has it."""
    days = timedelta(days=settings.PADDOCK_LEDGER_DAYS)
    return Generation.objects.filter(ended_at__lt=now - days)


def _batches(now: datetime) -> QuerySet[Batch]:
    return Batch.objects.ended().filter(ended_at__lt=now - BATCHES)


def _files(now: datetime) -> QuerySet[ApiFile]:
    """But for those that a batch still reads."""
    read = Batch.objects.open().filter(input_name=OuterRef("name"))
    return ApiFile.objects.filter(~Exists(read), created_at__lt=now - BATCHES)
