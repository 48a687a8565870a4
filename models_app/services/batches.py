"""Batches: asked for, cancelled, taken by a puller, and closed once.

Only the puller whose `turn` it is writes an open row; everybody else sets a wish. A row
that nobody writes any more is handed on by the sweep.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from django.db import transaction
from django.utils import timezone

from dashboard.errors import (
    BatchEnded,
    BatchFileGone,
    BatchOpen,
    DashboardError,
    TooManyBatches,
)
from dashboard.jobs import enqueue
from dashboard.live.bus import publish
from dashboard.live.events import BatchChanged
from dashboard.people.models import User
from models_app.batches.lines import check_first_line
from models_app.batches.places import new_batch_name, new_file_name, path_of, size_of
from models_app.batches.queries import (
    batch_of,
    batches_of,
    due_batches,
    file_of,
    users_of,
)
from models_app.models import ApiFile, ApiKey, Batch
from models_app.models.batch import WINDOW
from models_app.models.work import ending
from models_app.services.api_files import add_file, check_room, remove_later

TASK: Final = "models_app.run_batches"
MOST_OPEN: Final = 100
"""Batches of one person that have not ended."""
AT_ONCE: Final = 8
"""Batches that one puller has under way; of each person one, the oldest first."""
WAITING: Final = timedelta(seconds=10)
"""After which the pullers are told again of a batch that nobody took."""
FRESH: Final[Mapping[str, object]] = {
    "rests_until": None,
    "error_code": "",
    "error_facts": {},
}


class Order(Enum):
    """What its row tells the writer of a batch."""

    GO_ON = auto()
    STOP = auto()
    LEAVE = auto()
    """The row is closed, or another puller's by now: nothing of it may be touched."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a batch is."""

    total: int | None
    completed: int
    failed: int
    model: str = ""


@transaction.atomic
def start_batch(
    person: User,
    input_name: str,
    *,
    endpoint: str,
    key: int | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Batch:
    """A batch of one of the person's own files, for an address of ours.

    It may do what the key may, or without one its person. `FileUnknown`, `FilesFull`
    where no answer would have room, `TooManyBatches`, or what is wrong with the first line.
    """
    file = file_of(person, input_name, param="input_file_id")
    check_room(person)
    if batches_of(person).filter(status__in=Batch.OPEN).count() >= MOST_OPEN:
        raise TooManyBatches(most=MOST_OPEN)
    _check_first_line(file.name, endpoint)
    now = timezone.now()
    batch = Batch.objects.create(
        name=new_batch_name(),
        asked_by=person,
        key=ApiKey.objects.get(pk=key) if key else None,
        endpoint=endpoint,
        filename=file.filename,
        input_name=file.name,
        output_name=new_file_name(),
        errors_name=new_file_name(),
        metadata=None if metadata is None else dict(metadata),
        created_at=now,
        expires_at=now + WINDOW,
    )
    publish(batch_changed(batch))
    enqueue(TASK)
    return batch


@transaction.atomic
def start_batch_of(
    person: User, name: str, *, filename: str, size: int, endpoint: str
) -> Batch:
    """The same of bytes that are on the disk under this name and no file yet."""
    add_file(person, name, filename=filename, size=size)
    return start_batch(person, name, endpoint=endpoint)


@transaction.atomic
def request_cancel(person: User, name: str) -> Batch:
    """Ask for the end of one of the person's batches; `BatchEnded` when it has ended.

    One that was never begun is closed at once.
    """
    batch = batch_of(person, name)
    now = timezone.now()
    wish = {"stop_requested": True, "stop_requested_at": now}
    untouched = Batch.objects.waiting().filter(pk=batch.pk, turn=0)
    if untouched.update(**ending(Batch.Status.CANCELLED), **wish):
        return _told(batch.pk)
    ours = Batch.objects.open().filter(pk=batch.pk)
    if not ours.filter(stop_requested=False).update(**wish) and not ours.exists():
        raise BatchEnded
    enqueue(TASK)
    return _told(batch.pk)


@transaction.atomic
def delete_batch(person: User, name: str) -> None:
    """Delete one of the person's batches that has ended, with its files, but for those
    that another batch is of; `BatchOpen` for one that has not ended."""
    batch = batch_of(person, name)
    if batch.is_open:
        raise BatchOpen
    batch.delete()
    gone = [each for each in batch.files if not users_of(each).exists()]
    ApiFile.objects.filter(name__in=gone, person=person).delete()
    remove_later(gone)
    publish(batch_changed(batch))


def claim_due_batches(*, now: datetime) -> list[Batch]:
    """Take batches that wait, as far as there is room for them."""
    running = Batch.objects.filter(status=Batch.Status.RUNNING)
    busy = set(running.values_list("asked_by", flat=True))
    room = AT_ONCE - running.count()
    due = due_batches(now=now).select_related("asked_by")
    taken: list[Batch] = []
    for batch in due.order_by("created_at", "pk"):
        ends = batch.stop_requested or batch.expires_at <= now
        if not ends and (batch.asked_by_id in busy or len(taken) >= room):
            continue
        if _claim(batch, now):
            busy.add(batch.asked_by_id)
            taken.append(batch)
    return taken


@transaction.atomic
def checkpoint(batch: Batch, standing: Standing) -> Order:
    """Save where the batch stands, tell the pages what is new, and hear what to do."""
    ours = Batch.objects.of_turn(batch.pk, batch.turn)
    row = ours.first()
    if row is None:
        return Order.LEAVE
    before = batch_changed(row)
    if not ours.write(row, beat_at=timezone.now(), **_columns(standing)):
        return Order.LEAVE
    if (now := batch_changed(row)) != before:
        publish(now)
    return Order.STOP if row.stop_requested else Order.GO_ON


@transaction.atomic
def close_batch(
    batch: Batch,
    status: Batch.Status,
    *,
    standing: Standing | None = None,
    error: DashboardError | None = None,
) -> bool:
    """Close an open batch once; what was answered until then can be downloaded."""
    columns = {} if standing is None else _columns(standing)
    ours = Batch.objects.of_turn(batch.pk, batch.turn)
    if not ours.update(**FRESH, **columns):
        return False
    Batch.objects.filter(pk=batch.pk).update(**ending(status, error))
    for name, what in ((batch.output_name, "output"), (batch.errors_name, "errors")):
        _keep(batch, name, what)
    _told(batch.pk)
    return True


@transaction.atomic
def give_back(
    batch: Batch,
    *,
    standing: Standing | None = None,
    until: datetime | None = None,
    why: DashboardError | None = None,
) -> None:
    """Give a batch back that goes on from where it is, at once or after a rest."""
    columns = {} if standing is None else _columns(standing)
    if why is not None:
        columns |= {"error_code": why.code, "error_facts": why.facts}
    ours = Batch.objects.of_turn(batch.pk, batch.turn)
    waits = {"status": Batch.Status.QUEUED, "beat_at": timezone.now()}
    if ours.update(**{**waits, "rests_until": until, **columns}):
        _told(batch.pk)
        if until is None:
            enqueue(TASK)


@transaction.atomic
def hand_on_abandoned(*, now: datetime) -> int:
    """Hand on the batches whose puller has died, and have those taken that nobody took."""
    died = Batch.objects.abandoned(now=now)
    numbers = list(died.values_list("pk", flat=True))
    found = died.filter(pk__in=numbers).update(status=Batch.Status.QUEUED, beat_at=now)
    for number in numbers:
        _told(number)
    lost = due_batches(now=now).filter(beat_at__lt=now - WAITING)
    found += lost.update(beat_at=now)
    if found:
        enqueue(TASK)
    return found


def batch_changed(batch: Batch) -> BatchChanged:
    """The whole state of a batch, as the pages get it."""
    ends = batch.is_open and batch.stop_requested
    return BatchChanged(
        person=batch.asked_by_id,
        batch=batch.pk or 0,
        status="stopping" if ends else batch.status,
        total=batch.total,
        completed=batch.completed,
        failed=batch.failed,
    )


def _check_first_line(name: str, endpoint: str) -> None:
    try:
        with path_of(name).open("rb") as file:
            check_first_line(file, endpoint)
    except FileNotFoundError as gone:
        raise BatchFileGone from gone


def _claim(batch: Batch, now: datetime) -> bool:
    """Take a batch as it was read a moment ago, unless somebody was quicker."""
    if not Batch.objects.claim(batch, now=now):
        return False
    Batch.objects.of_turn(batch.pk, batch.turn).update(**FRESH)
    publish(batch_changed(batch))
    return True


def _told(pk: int) -> Batch:
    """The batch as it is now, which its pages are told."""
    batch = Batch.objects.get(pk=pk)
    publish(batch_changed(batch))
    return batch


def _keep(batch: Batch, name: str, what: str) -> None:
    """What came of a batch becomes a file of its person; nothing, where that is nothing."""
    if not (size := size_of(name)):
        remove_later([name])
        return
    ApiFile.objects.create(
        name=name,
        person_id=batch.asked_by_id,
        purpose=ApiFile.Purpose.OUTPUT,
        filename=f"{batch.name}_{what}.jsonl",
        size=size,
    )


def _columns(standing: Standing) -> dict[str, object]:
    """What is kept; until the file was read, what was known of it before."""
    columns: dict[str, object] = {}
    if standing.total is not None:
        columns |= {"total": standing.total, "model": standing.model}
        columns |= {"completed": standing.completed, "failed": standing.failed}
    return columns
