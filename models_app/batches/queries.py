"""Which files and batches a person has; those of others are not there."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet, Sum

from dashboard.errors import BatchUnknown, FileUnknown
from dashboard.people.models import User
from models_app.models import ApiFile, Batch
from models_app.models.work import WorkQuerySet

QUOTED = 80
"""Characters of what somebody asked for that a sentence repeats."""


def files_of(person: User) -> QuerySet[ApiFile]:
    """The newest first."""
    return ApiFile.objects.filter(person=person)


def size_of_files(person: User) -> int:
    """How many bytes they take together."""
    return files_of(person).aggregate(whole=Sum("size"))["whole"] or 0


def lone_files_of(person: User) -> QuerySet[ApiFile]:
    """Those that no batch is of, as programs leave them."""
    batches = batches_of(person).order_by()
    own = (
        Q(name__in=batches.values("input_name"))
        | Q(name__in=batches.values("output_name"))
        | Q(name__in=batches.values("errors_name"))
    )
    return files_of(person).exclude(own)


def file_of(person: User, name: str, *, param: str = "") -> ApiFile:
    """The person's file of this name; or `FileUnknown`, which is about `param`."""
    found = files_of(person).filter(name=name).first()
    if found is None:
        about = {"param": param} if param else {}
        raise FileUnknown(name=name[:QUOTED], **about)
    return found


def batches_of(person: User) -> QuerySet[Batch]:
    """The newest first."""
    return Batch.objects.filter(asked_by=person)


def batch_of(person: User, name: str) -> Batch:
    """The person's batch of this name; or `BatchUnknown`."""
    found = batches_of(person).filter(name=name).first()
    if found is None:
        raise BatchUnknown(name=name[:QUOTED])
    return found


def due_batches(*, now: datetime) -> WorkQuerySet[Batch]:
    """Those that wait and rest no longer; one that is to end has no reason to rest."""
    over = Q(expires_at__lte=now) | Q(stop_requested=True)
    rested = Q(rests_until=None) | Q(rests_until__lte=now) | over
    return Batch.objects.waiting().filter(rested)


def files_there(batches: Iterable[Batch]) -> frozenset[str]:
    """Those of their files, by name, that can be downloaded."""
    own = [name for each in batches for name in each.files]
    found = ApiFile.objects.filter(name__in=own)
    return frozenset(found.values_list("name", flat=True))


def users_of(file: str) -> WorkQuerySet[Batch]:
    """The batches that one file belongs to."""
    own = Q(input_name=file) | Q(output_name=file) | Q(errors_name=file)
    return Batch.objects.filter(own)


def known_names() -> frozenset[str]:
    """Every file that belongs to somebody, also those that are being written."""
    # In this order: what is closed in between has a row of its own then.
    columns = ("input_name", "output_name", "errors_name")
    names = {each for row in Batch.objects.open().values_list(*columns) for each in row}
    return frozenset(names | {*ApiFile.objects.values_list("name", flat=True)})
