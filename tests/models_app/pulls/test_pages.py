"""The panels of pulls and requests on the models page, and their forms."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.people.models import User
from models_app.models import Backend, Pull, PullRequest
from models_app.services.pull_requests import ask_for_model, decline_request
from tests.fakes.scripted import KIND
from tests.make import (
    make_backend,
    make_hidden_backend,
    make_model,
    make_preset,
    make_pull,
    make_puller,
    make_running_pull,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(admin: User) -> Client:
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(client: Client, name: str = "models") -> str:
    return client.get(reverse(name)).content.decode()


def test_a_pull_goes_to_several_servers_at_once(
    office: Client, backend: Backend
) -> None:
    other = make_backend(kind=KIND)

    form = {"name": " tiny ", "servers": [backend.pk, other.pk]}
    response = office.post(reverse("pull-start"), form)

    assert response.url == reverse("models")  # type: ignore[attr-defined]
    assert Pull.objects.filter(name="tiny").count() == 2


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"name": "tiny"}, "Choose at least one server."),
        ({"name": "", "servers": "here"}, "Write the name of a model"),
        ({"name": "tiny", "servers": "0"}, "not there any more"),
        ({"name": "a b", "servers": "here"}, "“a b” is no name that gpu-01 takes"),
        ({"name": "x" * 301, "servers": "here"}, "at most 300 characters"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    office: Client, backend: Backend, form: dict[str, str], told: str
) -> None:
    here = str(backend.pk)
    filled = {name: here if text == "here" else text for name, text in form.items()}

    response = office.post(reverse("pull-start"), filled)

    page = response.content.decode()
    assert response.status_code == 422
    assert told in page
    assert f'value="{form["name"]}"' in page or not form["name"]
    assert not Pull.objects.exists()


@pytest.mark.usefixtures("backend")
def test_a_server_of_others_is_answered_as_one_that_is_not_there() -> None:
    hidden, client = make_hidden_backend(kind=KIND, name="gpu-09"), Client()
    client.force_login(
        make_puller(), backend="django.contrib.auth.backends.ModelBackend"
    )

    given = [{"name": "tiny", "servers": server} for server in (hidden.pk, 0)]
    pages = [client.post(reverse("pull-start"), each) for each in given]

    assert [each.status_code for each in pages] == [422, 422]
    assert all("That server is not there" in each.content.decode() for each in pages)
    assert "gpu-09" not in pages[0].content.decode()
    assert "gpu-09" not in shown(client)


@pytest.mark.parametrize("hidden", [False, True])
def test_a_pull_is_retried_only_where_somebody_may_pull(hidden: bool) -> None:
    puller, client = make_puller(), Client()
    client.force_login(puller, backend="django.contrib.auth.backends.ModelBackend")
    make = make_hidden_backend if hidden else make_backend
    pull = make_pull(
        backend=make(kind=KIND),
        status="failed",
        ended_at=timezone.now(),
        asked_by=puller,
    )

    page = shown(client)

    assert reverse("pull-dismiss", args=[pull.pk]) in page
    assert (reverse("pull-retry", args=[pull.pk]) in page) is not hidden


def test_a_page_that_stays_gets_a_fragment_or_nothing(
    office: Client, backend: Backend
) -> None:
    url = reverse("pull-start")

    wrong = office.post(url, {"in_place": "1"})
    right = office.post(url, {"name": "t", "servers": backend.pk, "in_place": "1"})

    assert (wrong.status_code, right.status_code) == (422, 204)
    assert wrong.content.decode().strip().startswith("<form")


def test_servers_that_do_not_pull_are_named_with_the_reason(office: Client) -> None:
    make_backend(kind="vllm", name="gpu-03")

    page = shown(office)

    assert "None of your servers takes models from here" in page
    assert "another one needs another vllm serve" in page


def test_each_pull_stands_there_with_what_can_be_done(
    office: Client, signed_in: Client, backend: Backend
) -> None:
    pull = make_running_pull(backend=backend, done=2_100_000_000, total=4_700_000_000)

    page = shown(office)

    assert "2.1 of 4.7 GB" in page
    assert f'id="pull-{pull.pk}-stop"' in page
    assert "2.1 of 4.7 GB" in shown(signed_in)
    assert reverse("pull-stop", args=[pull.pk]) not in shown(signed_in)


def test_lm_studio_is_said_to_go_on(office: Client) -> None:
    make_running_pull(backend=make_backend(kind="lmstudio"))

    assert "LM Studio cannot be told to stop" in shown(office, "pulls")


def test_a_failure_is_a_sentence_with_a_retry(office: Client, backend: Backend) -> None:
    facts = {"server": "gpu-01", "name": "tiny"}
    pull = make_pull(backend=backend, error_code="disk_full", error_facts=facts)
    Pull.objects.update(status="failed", ended_at=pull.created_at)

    assert "The disk of gpu-01 is full." in shown(office, "pulls")
    office.post(reverse("pull-retry", args=[pull.pk]))

    assert "The disk of gpu-01 is full." not in shown(office, "pulls")
    assert Pull.objects.open().count() == 1


def test_what_has_ended_stands_behind_what_is_open(
    office: Client, backend: Backend
) -> None:
    pull = make_pull(backend=backend, error_code="disk_full")
    Pull.objects.update(status="failed", ended_at=pull.created_at)
    make_running_pull(backend=backend, name="moving")

    page = shown(office, "pulls")

    assert page.index("moving") < page.index("1 ended pull") < page.index("Retry")
    assert "1 failed" in page


def test_a_pull_of_what_is_there_says_that_it_was_checked(
    office: Client, backend: Backend
) -> None:
    make_model("tiny", backend=backend)
    office.post(reverse("pull-start"), {"name": "Tiny", "servers": backend.pk})
    Pull.objects.update(status="done", ended_at=timezone.now())

    assert "It was there already, and was checked for news." in shown(office, "pulls")


def test_who_asks_for_what_they_can_use_is_led_to_the_chat(
    signed_in: Client, backend: Backend
) -> None:
    make_model("tiny", backend=backend)

    response = signed_in.post(reverse("request-ask"), {"name": "tiny"})

    assert response.status_code == 409
    assert '/?target=model:tiny">Chat with tiny' in response.content.decode()


def test_a_wish_can_be_withdrawn_on_its_page(signed_in: Client) -> None:
    signed_in.post(reverse("request-ask"), {"name": "tiny", "why": "To compare."})
    request = PullRequest.objects.get()
    assert "“To compare.” · waits for an answer" in shown(signed_in)

    signed_in.post(reverse("request-withdraw", args=[request.pk]))

    assert not PullRequest.objects.exists()


def test_who_may_answer_sees_in_the_chat_that_a_wish_waits(
    office: Client, signed_in: Client
) -> None:
    signed_in.post(reverse("request-ask"), {"name": "tiny"})

    assert "wish that waits for your answer" in shown(office, "home")
    assert "wish that waits for your answer" not in shown(signed_in, "home")


def test_a_member_asks_and_an_administrator_sees_what_for(
    office: Client, signed_in: Client, backend: Backend
) -> None:
    form = {"name": "tiny", "server": backend.pk, "why": "To compare."}
    signed_in.post(reverse("request-ask"), form)

    page = shown(office, "requests")
    assert "“To compare.”" in page
    assert f'value="{backend.pk}" data-kept' in page
    assert page.count(" checked") == 1
    assert "waits for an answer" in shown(signed_in)


def test_the_eleventh_wish_is_refused_with_a_sentence_and_stays_typed(
    signed_in: Client,
) -> None:
    url = reverse("request-ask")
    for number in range(10):
        signed_in.post(url, {"name": f"model-{number}"})

    response = signed_in.post(url, {"name": "one-more", "why": "Please."})

    assert response.status_code == 429
    assert "10 of your wishes wait" in response.content.decode()
    assert 'value="Please."' in response.content.decode()


def test_a_wish_for_any_server_needs_one_to_be_approved(
    office: Client, person: User, backend: Backend
) -> None:
    url = reverse(
        "request-approve", args=[ask_for_model("tiny", backend=None, person=person)]
    )

    refused = office.post(url, {"word": "Soon."})
    approved = office.post(url, {"word": "Soon.", "servers": backend.pk})

    assert "Choose a server for “tiny” first" in refused.content.decode()
    assert 'value="Soon."' in refused.content.decode()
    assert (refused.status_code, approved.status_code) == (422, 302)
    assert PullRequest.objects.get().word == "Soon."


def test_an_answer_is_news_in_the_chat_and_on_the_page_until_it_is_dismissed(
    signed_in: Client, person: User, admin: User
) -> None:
    request = ask_for_model("tiny", backend=None, person=person)
    decline_request(request, by=admin, word="Too large.")

    assert "answer to what you asked for" in shown(signed_in, "home")
    assert "was declined: Too large." in shown(signed_in)
    signed_in.post(reverse("news-dismiss", args=[request]))

    assert "answer to what you asked for" not in shown(signed_in, "home")
    assert shown(signed_in, "news").strip() == ""


def test_a_model_made_of_a_preset_is_not_told_as_pulled(
    office: Client, person: User, backend: Backend
) -> None:
    preset = make_preset(name="Pirate")
    made = {"modelfile": preset.text, "preset": preset, "backend": backend}
    make_pull("captain", status="done", ended_at=timezone.now(), **made)
    make_pull("mate", **made)

    ours = office.get(reverse("pulls")).content.decode()
    shown = office.get(f"/presets/{preset.pk}/?fragment=1").content.decode()
    office.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    theirs = office.get(reverse("pulls")).content.decode()

    assert "made of the preset Pirate · to gpu-01" in ours
    assert "made of a preset · to gpu-01" in theirs
    assert "data-moment" in shown
