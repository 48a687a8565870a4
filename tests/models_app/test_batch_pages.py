"""The page of batches: made of a file, listed, cancelled, fetched and deleted."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.batches.places import path_of
from models_app.models import ApiFile, Batch
from tests.fakes.heard import enqueued, published
from tests.make import make_admin, make_batch, make_ended_batch, make_file, make_person
from tests.models_app.gateway.batches.asked import CHAT, jsonl, line

PAGE = "/batches/"
pytestmark = pytest.mark.django_db


def words(response: object) -> str:
    return " ".join(response.content.decode("utf-8").split())  # type: ignore[attr-defined]


def upload(client: Client, content: bytes, endpoint: str = CHAT) -> object:
    file = SimpleUploadedFile("asks.jsonl", content)
    return client.post(PAGE, {"file": file, "endpoint": endpoint})


def test_a_batch_is_made_of_a_file(signed_in: Client, person: User) -> None:
    with enqueued() as tasks, published() as events:
        response = upload(signed_in, jsonl([line(1)]))

    batch = Batch.objects.get()
    assert response.url == PAGE  # type: ignore[attr-defined]
    assert (batch.asked_by, batch.key, batch.filename) == (person, None, "asks.jsonl")
    assert path_of(batch.input_name).read_bytes() == jsonl([line(1)])
    assert tasks == [("models_app.run_batches",)]
    assert [(each.kind, each.person) for each in events] == [
        ("batch.changed", person.pk)
    ]


@pytest.mark.parametrize(
    ("content", "endpoint", "told"),
    [
        (b"", CHAT, "There is no request in the file."),
        (b"\n\n", CHAT, "There is no request in the file."),
        (b"name,age\nolive,7", CHAT, "Line 1 is no JSON object"),
        (jsonl([line(1)]), "/v1/embeddings", "Line 1 is for “/v1/chat/completions”"),
        (jsonl([line(1)]), "/v1/other", "Choose one of the list."),
        (b"{}", CHAT, "Line 1 cannot be asked: it has no custom_id"),
    ],
)
def test_what_makes_no_batch_is_told_and_the_choice_stays(
    signed_in: Client, content: bytes, endpoint: str, told: str
) -> None:
    response = upload(signed_in, content, endpoint)

    page = words(response)
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert told in page
    assert "There is no request" not in page or "selected" in page
    assert not Batch.objects.exists()
    assert not ApiFile.objects.exists()


def test_whoever_has_no_room_is_told_beside_the_file_and_nothing_stays(
    signed_in: Client, settings: Settings
) -> None:
    settings.FILES_MB = 0
    path_of("x").parent.mkdir(exist_ok=True)
    before = set(path_of("x").parent.iterdir())

    page = words(upload(signed_in, jsonl([line(1)])))

    assert "take 0 of 0 MB, and there is no room for this." in page
    assert not ApiFile.objects.exists()
    assert set(path_of("x").parent.iterdir()) == before


def test_a_file_that_is_missing_or_too_large_is_told(
    signed_in: Client, settings: Settings
) -> None:
    settings.BATCH_MB = 0

    assert "Choose a file" in words(signed_in.post(PAGE, {"endpoint": CHAT}))
    assert "larger than 0 MB" in words(upload(signed_in, jsonl([line(1)])))


def test_each_batch_is_listed_with_where_it_stands(
    signed_in: Client, person: User
) -> None:
    make_batch(person, status="running", total=1200, completed=30, failed=4)
    make_batch(make_person(), filename="secret.jsonl")
    rests = {"rests_until": timezone.now(), "error_code": "requests_spent"}
    make_batch(person, **rests, error_facts={"limit": 5, "seconds": 9})

    page = words(signed_in.get(PAGE))

    assert "34 of 1,200 lines · 4 failed" in page
    assert 'value="34" max="1200"' in page
    assert "You may ask 5 times a minute" in page
    assert "secret" not in page


def test_the_list_alone_is_fetched_when_a_batch_changed(
    signed_in: Client, person: User
) -> None:
    make_batch(person)

    fragment = words(signed_in.get(PAGE, {"fragment": "1"}))

    assert "asks.jsonl" in fragment
    assert "<html" not in fragment


def test_a_batch_is_cancelled_once_and_then_deleted_with_its_files(
    signed_in: Client, person: User
) -> None:
    batch = make_batch(person)

    assert signed_in.post(reverse("batch-delete", args=[batch.name])).status_code == 409
    signed_in.post(reverse("batch-cancel", args=[batch.name]))
    assert Batch.objects.get().status == "cancelled"
    again = signed_in.post(reverse("batch-cancel", args=[batch.name]))
    assert (again.status_code, "ended already" in words(again)) == (409, True)
    signed_in.post(reverse("batch-delete", args=[batch.name]))

    assert not Batch.objects.exists()
    assert not ApiFile.objects.exists()


def test_a_file_that_a_program_left_is_listed_and_deleted(
    signed_in: Client, person: User
) -> None:
    file = make_file(person, filename="left.jsonl", size=2_500_000)
    make_ended_batch(person)
    make_file(make_person(), filename="secret.jsonl")

    page = words(signed_in.get(PAGE))
    assert "left.jsonl" in page
    assert "take 2.5 MB of the 2.0 GB that you have." in page
    assert (
        page.count("-delete") == 2
    )  # the file's and the batch's, not those of its files
    assert "secret" not in page
    assert signed_in.post(reverse("file-delete", args=[file.name])).status_code == 302

    page = words(signed_in.get(PAGE))
    assert "The file is deleted." in page
    assert "left.jsonl" not in page


def test_a_file_that_a_batch_reads_is_not_deleted(
    signed_in: Client, person: User
) -> None:
    batch = make_batch(person)

    response = signed_in.post(reverse("file-delete", args=[batch.input_name]))

    assert (response.status_code, ApiFile.objects.count()) == (409, 1)
    assert "Files without a batch" not in words(signed_in.get(PAGE))


@pytest.mark.django_db(transaction=True)
async def test_answers_and_errors_are_fetched() -> None:
    person = await in_db(make_person)()
    batch = await in_db(make_ended_batch)(person)
    client = AsyncClient()
    await client.aforce_login(
        person, backend="django.contrib.auth.backends.ModelBackend"
    )

    response: Any = await client.get(reverse("batch-answers", args=[batch.name]))

    content = b"".join([each async for each in response])
    assert json.loads(content) == {"a": 1}
    assert response["Content-Length"] == str(len(content))
    assert "attachment" in response["Content-Disposition"]


def test_a_batch_without_errors_has_none_to_fetch(
    signed_in: Client, person: User
) -> None:
    batch = make_batch(person)

    assert signed_in.get(reverse("batch-errors", args=[batch.name])).status_code == 404


def test_the_pages_of_keys_and_batches_lead_to_each_other(signed_in: Client) -> None:
    assert f'href="{PAGE}"' in words(signed_in.get("/keys/"))
    assert 'href="/keys/"' in words(signed_in.get(PAGE))


def test_administrators_see_how_far_everybodys_are_and_not_what_they_are() -> None:
    batch = make_ended_batch(make_person("olive"))
    office = Client()
    office.force_login(
        make_admin(), backend="django.contrib.auth.backends.ModelBackend"
    )

    listed = words(office.get(reverse("admin:models_app_batch_changelist")))
    change = reverse("admin:models_app_batch_change", args=[batch.pk])
    shown = words(office.get(change))

    assert "olive" in listed
    assert "done" in listed
    assert "asks.jsonl" not in listed + shown
    assert batch.output_name not in shown
