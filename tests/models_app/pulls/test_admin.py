"""Pulls and requests in the admin."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from dashboard.people.models import User
from models_app.models import Backend, Pull, PullRequest
from models_app.services.pull_requests import ask_for_model
from tests.make import make_backend, make_pull, make_running_pull

pytestmark = pytest.mark.django_db

PULLS = "admin:models_app_pull_changelist"
REQUESTS = "admin:models_app_pullrequest_changelist"


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def office(admin: User) -> Client:
    return client_of(admin)


def act(client: Client, page: str, action: str, pk: int, **more: object) -> str:
    form = {"action": action, "_selected_action": pk, **more}
    return client.post(reverse(page), form, follow=True).content.decode()


def test_the_list_tells_where_each_pull_stands(
    office: Client, backend: Backend
) -> None:
    make_running_pull(backend=backend, done=500_000, total=2_000_000, speed=10_000)

    page = office.get(reverse(PULLS)).content.decode()

    for told in ("being pulled", "0.5 of 2.0 MB · 10 kB/s · 3 min left"):
        assert told in page
    assert "<progress data-open aria-label='tiny' value='500000' max='2000000'>" in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"status": "queued"}, "waiting"),
        ({"status": "running", "stop_requested": True}, "being cancelled…"),
        ({"status": "running", "done": 5000}, "5 kB so far"),
        (
            {
                "status": "failed",
                "error_code": "disk_full",
                "error_facts": {"server": "gpu-01", "name": "tiny"},
            },
            "The disk of gpu-01 is full",
        ),
    ],
)
def test_each_state_is_in_words(
    office: Client, fields: dict[str, Any], told: str
) -> None:
    make_pull(**fields)

    assert told in office.get(reverse(PULLS)).content.decode()


def test_a_pull_is_cancelled_and_retried(office: Client, backend: Backend) -> None:
    pull = make_running_pull(backend=backend)

    assert "1 pull is asked to end" in act(office, PULLS, "stop", pull.pk)
    Pull.objects.update(status="cancelled")
    assert "is pulled again" in act(office, PULLS, "retry", pull.pk)

    pull.refresh_from_db()
    assert pull.stop_requested
    assert Pull.objects.open().count() == 1


def test_a_retry_that_cannot_be_says_why(office: Client) -> None:
    pull = make_pull(backend=make_backend(kind="openai"), status="failed")

    assert "decided where it is started" in act(office, PULLS, "retry", pull.pk)


def test_a_request_is_approved_for_a_server(
    office: Client, backend: Backend, person: User
) -> None:
    request = ask_for_model("tiny", backend=None, person=person)

    page = act(office, REQUESTS, "approve", request)
    assert "Choose a server for “tiny” first" in page
    page = act(office, REQUESTS, "approve", request, server=backend.pk)

    assert "“tiny” is pulled." in page
    assert Pull.objects.get().backend == backend


def test_a_request_is_declined_with_a_word(office: Client, person: User) -> None:
    request = ask_for_model("tiny", backend=None, person=person)

    assert "is declined" in act(office, REQUESTS, "decline", request, word="No room.")
    assert "answered this already" in act(office, REQUESTS, "decline", request)

    assert PullRequest.objects.get().word == "No room."


def test_who_may_only_look_is_offered_no_action(backend: Backend, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_staff=True)
    rights = ["view_pull", "view_pullrequest"]
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))
    pull = make_running_pull(backend=backend)

    page = act(client_of(person), PULLS, "stop", pull.pk)

    pull.refresh_from_db()
    assert "tiny" in page
    assert 'value="stop"' not in page
    assert not pull.stop_requested


@pytest.mark.parametrize("page", [PULLS, REQUESTS])
def test_the_lists_are_not_for_members(person: User, page: str) -> None:
    assert client_of(person).get(reverse(page)).status_code == 302
