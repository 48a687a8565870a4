"""Files that people leave for batches: added once all their bytes are there, and deleted."""

from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.db import transaction

from dashboard.errors import FileInUse, FilesFull
from dashboard.people.models import User
from models_app.batches.places import MEGABYTE, remove, remove_nobodys
from models_app.batches.queries import (
    file_of,
    known_names,
    size_of_files,
    users_of,
)
from models_app.models import ApiFile
from models_app.models.batch import LONGEST_FILE_NAME

UNNAMED = "batch.jsonl"


@transaction.atomic
def add_file(person: User, name: str, *, filename: str, size: int) -> ApiFile:
    """A file of this person, of bytes that are on the disk under this name; `FilesFull`
    where that would be too much of it."""
    # One after the other: two at once would both find room.
    User.objects.select_for_update().get(pk=person.pk)
    check_room(person, size)
    return ApiFile.objects.create(
        person=person,
        name=name,
        purpose=ApiFile.Purpose.BATCH,
        filename=filename[-LONGEST_FILE_NAME:] or UNNAMED,
        size=size,
    )


def check_room(person: User, size: int = 1) -> None:
    """Whether so many bytes more may lie on the disk for the person, as far as that is
    known; or `FilesFull`."""
    used, most = size_of_files(person), settings.FILES_MB
    if used + size > most * MEGABYTE:
        raise FilesFull(used=_megabytes(used), most=most)


def _megabytes(size: int) -> int:
    """Rounded up."""
    return -(-size // MEGABYTE)


@transaction.atomic
def delete_file(person: User, name: str) -> None:
    """Delete one of the person's own; `FileInUse` while a batch of it has not ended."""
    file = file_of(person, name)
    if users_of(name).open().exists():
        raise FileInUse
    file.delete()
    remove_later([name])


def remove_later(names: Iterable[str]) -> None:
    """Remove them from the disk once the change is in that makes them nobody's."""
    transaction.on_commit(partial(remove, list(names)))


def sweep_files() -> int:
    """Remove what belongs to nobody any more, as after the account of its person."""
    return remove_nobodys(known_names())
