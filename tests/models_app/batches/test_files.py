"""Files on the disk: none without its person, none larger than allowed, none for ever."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from dashboard.errors import FilesFull, FileTooLarge
from dashboard.people.models import User
from models_app.batches.places import (
    YOUNG,
    new_file_name,
    path_of,
    write_chunks,
)
from models_app.batches.queries import size_of_files
from models_app.models import ApiFile, Batch
from models_app.services.api_files import (
    add_file,
    check_room,
    delete_file,
    sweep_files,
)
from models_app.services.batches import start_batch
from models_app.services.forgetting import forget_old
from tests.make import make_batch, make_ended_batch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> None:
    settings.PADDOCK_DATA = tmp_path


def age() -> None:
    """All files have lain there for a while."""
    old = time.time() - YOUNG - 1
    for each in path_of("x").parent.iterdir():
        os.utime(each, (old, old))


def test_a_file_that_is_too_large_leaves_nothing(settings: Settings) -> None:
    settings.BATCH_MB = 1

    with pytest.raises(FileTooLarge):
        write_chunks([b"x" * 600_000] * 2)

    assert list(path_of("x").parent.iterdir()) == []


def left(person: User, size: int) -> ApiFile:
    return add_file(person, new_file_name(), filename="asks.jsonl", size=size)


def test_nobody_leaves_more_than_they_may_and_deleting_makes_room(
    person: User, admin: User, settings: Settings
) -> None:
    settings.FILES_MB = 3
    first = left(person, 2_000_000)
    left(admin, 3_000_000)
    left(person, 1_000_000)

    with pytest.raises(
        FilesFull, match=r"take 3 of 3 MB, and there is no room for this\."
    ):
        left(person, 1)

    delete_file(person, first.name)
    left(person, 2_000_000)
    assert size_of_files(person) == 3_000_000


def test_answers_are_kept_and_count_too(person: User, settings: Settings) -> None:
    settings.FILES_MB = 1
    name = new_file_name()
    ApiFile.objects.create(name=name, person=person, purpose="batch_output", size=10**7)

    with pytest.raises(FilesFull):
        check_room(person)


def test_whoever_has_no_room_for_answers_starts_no_batch(
    person: User, settings: Settings
) -> None:
    settings.FILES_MB = 1
    file = left(person, 1_000_000)

    with pytest.raises(FilesFull, match="take 1 of 1 MB"):
        start_batch(person, file.name, endpoint="/v1/chat/completions")

    assert not Batch.objects.exists()


def test_files_go_with_their_person(person: User) -> None:
    batch = make_ended_batch(person)
    age()
    assert sweep_files() == 0

    person.delete()

    assert not Batch.objects.exists()
    assert sweep_files() == 2
    assert not path_of(batch.output_name).exists()


def test_what_is_being_written_is_not_swept(person: User) -> None:
    batch = make_batch(person, status="running")
    path = path_of(batch.output_name)
    path.parent.mkdir()
    path.touch()
    age()
    (path.parent / "file-young.part").touch()

    assert sweep_files() == 0


def test_batches_and_files_are_forgotten_after_thirty_days(person: User) -> None:
    now = timezone.now()
    make_ended_batch(person)
    running = make_batch(person, status="running")
    Batch.objects.exclude(pk=running.pk).update(ended_at=now - timedelta(days=31))
    ApiFile.objects.update(created_at=now - timedelta(days=31))
    lately = make_ended_batch(person)

    forget_old(now=now)

    assert {*Batch.objects.all()} == {running, lately}
    kept = {*ApiFile.objects.values_list("name", flat=True)}
    assert kept == {running.input_name, *lately.files}
