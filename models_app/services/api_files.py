"""Files that people leave for batches: added once all their bytes are there, and deleted."""

from collections.abc import Iterable
from functools import partial

from django.db import transaction

from dashboard.errors import FileInUse
from dashboard.people.models import User
from models_app.batches.places import remove, remove_nobodys
from models_app.batches.queries import file_of, known_names, users_of
from models_app.models import ApiFile
from models_app.models.batch import LONGEST_FILE_NAME

UNNAMED = "batch.jsonl"


def add_file(person: User, name: str, *, filename: str, size: int) -> ApiFile:
    """A file of this person, of bytes that are on the disk under this name."""
    return ApiFile.objects.create(
        person=person,
        name=name,
        purpose=ApiFile.Purpose.BATCH,
        filename=filename[-LONGEST_FILE_NAME:] or UNNAMED,
        size=size,
    )


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
