"""The page of a model, its forms, and the buttons in the table."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.people.models import User
from models_app.models import Backend, Errand, LanguageModel
from tests.fakes.ollama import ollama
from tests.fakes.ollama_state import FakeOllama
from tests.make import make_backend, make_errand, make_model

pytestmark = pytest.mark.django_db(transaction=True)

GB = 10**9
FAILED = {
    "status": "failed",
    "error_code": "backend_refused",
    "error_facts": {"server": "gpu-01", "upstream": 500, "detail": "no room"},
    "ended_at": timezone.now(),
}


@pytest.fixture
def model() -> LanguageModel:
    return make_model(
        "qwen3:8b",
        backend=make_backend(kind="ollama", name="gpu-01"),
        context=40960,
        size=5 * GB,
        family="qwen3",
        loaded=True,
        memory=8 * GB,
        card_memory=6 * GB,
    )


@pytest.fixture
def office(admin: User) -> Client:
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(client: Client, model: LanguageModel, what: str, **form: object) -> Any:
    return client.post(reverse(f"model-{what}", args=[model.pk]), form)


def page(client: Client, model: LanguageModel) -> str:
    return client.get(reverse("model", args=[model.pk])).content.decode()


def the_errand() -> Errand:
    return Errand.objects.get()


def test_the_page_tells_all_that_is_known(
    signed_in: Client, model: LanguageModel
) -> None:
    other = make_model("Qwen3:8b", backend=make_backend(name="gpu-02"))

    said = page(signed_in, model)

    for told in ("gpu-01 · Ollama", "5.0 GB", "8.0 GB", "75 % on cards", "qwen3"):
        assert told in said
    assert f'<a href="/models/{other.pk}/">gpu-02</a>' in said
    assert "trained for 40,960" in said


@pytest.mark.parametrize(
    ("cards", "said"),
    [(8 * GB, "all of it on cards"), (0, "all of it in main memory")],
)
def test_where_all_of_it_lies_nothing_is_said_of_a_rest(
    signed_in: Client, model: LanguageModel, cards: int, said: str
) -> None:
    LanguageModel.objects.update(card_memory=cards)

    told = page(signed_in, model)

    assert said in told
    assert "the rest in" not in told


def test_a_member_sees_what_is_done_and_no_button(
    signed_in: Client, model: LanguageModel
) -> None:
    pages = (f"/models/{model.pk}/", "/models/")
    for address in pages:
        said = signed_in.get(address).content.decode()
        for doing in ("load", "unload", "copy", "delete"):
            assert reverse(f"model-{doing}", args=[model.pk]) not in said
    make_errand(model, action="unload", status="running")

    for address in pages:
        assert "is being unloaded" in signed_in.get(address).content.decode()


def test_whoever_may_only_load_is_offered_no_more(
    signed_in: Client, person: User, model: LanguageModel
) -> None:
    person.user_permissions.add(Permission.objects.get(codename="load_model"))

    said = page(signed_in, model)

    assert "Unload qwen3:8b from gpu-01" in said
    assert "Load in another way" in said
    assert "Delete" not in said


@pytest.mark.parametrize("fragment", ["head", "doings"])
def test_what_can_be_done_is_gone_with_the_model(
    office: Client, model: LanguageModel, fragment: str
) -> None:
    address = f"/models/{model.pk}/?fragment={fragment}"
    before = office.get(address).content.decode()

    LanguageModel.objects.update(listed=False)

    after = office.get(address).content.decode()
    assert "<html" not in before
    assert "button" in before
    assert "button" not in after


def test_nothing_is_asked_of_a_server_that_is_away(
    office: Client, model: LanguageModel
) -> None:
    Backend.objects.update(failure_code="backend_unreachable", seen_at=timezone.now())

    for said in (page(office, model), office.get("/models/").content.decode()):
        assert "it answered last just now" in said
        assert reverse("model-unload", args=[model.pk]) not in said


def test_to_whom_a_server_does_not_answer_no_other_model_is_proposed(
    office: Client, model: LanguageModel
) -> None:
    gone = {"error_code": "backend_unreachable", "error_facts": {"server": "gpu-01"}}
    make_errand(model, **{**FAILED, **gone})

    said = page(office, model)

    assert "Wait until it answers again and retry" in said
    assert "Choose another model" not in said


def test_a_load_takes_what_was_chosen(office: Client, model: LanguageModel) -> None:
    response = send(office, model, "load", window="8192", keep_alive="-1")

    assert response["location"] == f"/models/{model.pk}/"
    assert (the_errand().window, the_errand().keep_alive) == (8192, -1)
    assert "is being loaded" in page(office, model)


@pytest.mark.parametrize("window", ["40961", "255", "-1", "much"])
def test_a_window_that_cannot_be_is_given_back(
    office: Client, model: LanguageModel, window: str
) -> None:
    response = send(office, model, "load", window=window)

    assert response.status_code == 422
    assert f'value="{window}"' in response.content.decode()
    assert not Errand.objects.exists()


def test_a_kind_without_windows_asks_for_none(office: Client) -> None:
    model = make_model(backend=make_backend(kind="llamacpp"))

    said = page(office, model)

    assert 'name="window"' not in said
    assert "llama.cpp knows each model by its file" in said


def test_a_button_of_the_table_leads_back_to_the_table_as_it_was(
    office: Client, model: LanguageModel
) -> None:
    before = "http://testserver/models/?q=qwen&sort=size"
    office.defaults["HTTP_REFERER"] = before

    assert send(office, model, "unload")["location"] == before
    assert "8.0 GB of gpu-01 become free" in office.get(before).content.decode()


@pytest.mark.parametrize("page", ["http://evil.example/models/", "//evil.example/"])
def test_no_page_of_others_is_gone_back_to(
    office: Client, model: LanguageModel, page: str
) -> None:
    office.defaults["HTTP_REFERER"] = page

    assert send(office, model, "unload")["location"] == f"/models/{model.pk}/"


def test_a_copy_whose_name_is_taken_comes_back_with_what_was_typed(
    office: Client, model: LanguageModel
) -> None:
    response = send(office, model, "copy", new_name="QWEN3:8b")

    said = response.content.decode()
    assert response.status_code == 422
    assert "gpu-01 has a model “QWEN3:8b” already" in said
    assert 'value="QWEN3:8b"' in said


@pytest.mark.parametrize("typed", ["", "qwen3", "QWEN3:8b", "qwen3:8b "])
def test_nothing_is_deleted_unless_its_name_is_typed_exactly(
    office: Client, model: LanguageModel, typed: str
) -> None:
    response = send(office, model, "delete", name=typed)

    assert response.status_code == 422
    assert not Errand.objects.exists()
    if typed:
        assert f'value="{typed}"' in response.content.decode()


def test_deleting_tells_what_it_frees_and_where(
    office: Client, model: LanguageModel
) -> None:
    assert "up to 5.0\xa0GB become free" in page(office, model).replace(" GB", "\xa0GB")

    send(office, model, "delete", name="qwen3:8b")

    assert the_errand().action == "delete"
    assert "up to 5.0 GB of gpu-01 become free" in page(office, model)


def test_a_failure_is_told_on_the_page_and_in_the_table(
    signed_in: Client, model: LanguageModel
) -> None:
    make_errand(model, **FAILED)

    for said in (page(signed_in, model), signed_in.get("/models/").content.decode()):
        assert "gpu-01 refused with status 500: no room" in said


@pytest.mark.parametrize("later", [{"status": "done"}, None])
def test_the_table_forgets_a_failure(
    signed_in: Client, model: LanguageModel, later: dict[str, str] | None
) -> None:
    ended = timezone.now() - timedelta(hours=0 if later else 2)
    make_errand(model, **{**FAILED, "ended_at": ended})
    if later:
        make_errand(model, **later, ended_at=timezone.now())

    assert "no room" not in signed_in.get("/models/").content.decode()


def test_a_model_that_is_gone_says_so_and_offers_nothing(office: Client) -> None:
    gone = make_model(backend=make_backend(kind="ollama"), listed=False)

    said = page(office, gone)

    assert "not there any more" in said
    for button in ("Load", "Delete", "Chat"):
        assert f">{button}</" not in said.partition("<main")[2]


def test_what_a_person_may_not_use_is_not_found(signed_in: Client) -> None:
    model = make_model(backend=make_backend(enabled=False))

    assert signed_in.get(f"/models/{model.pk}/").status_code == 404
    assert signed_in.get(f"/models/{model.pk}/modelfile/").status_code == 404


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with ollama() as fake:
        fake.hold("qwen3:8b")
        yield fake


def modelfile(client: Client, model: LanguageModel, url: str) -> str:
    type(model.backend).objects.update(base_url=url)
    return client.get(f"/models/{model.pk}/modelfile/?fragment=1").content.decode()


def test_the_modelfile_is_as_the_server_gives_it(
    signed_in: Client, model: LanguageModel, fake: FakeOllama
) -> None:
    assert "FROM /models/blobs/sha256-0123" in modelfile(signed_in, model, fake.url)


def test_a_server_that_is_away_shows_no_modelfile_and_says_so(
    signed_in: Client, model: LanguageModel
) -> None:
    assert "cannot be reached" in modelfile(signed_in, model, "http://127.0.0.1:9")


def test_a_kind_without_modelfiles_says_so(signed_in: Client) -> None:
    model = make_model(backend=make_backend(kind="lmstudio"))

    assert "LM Studio knows no Modelfiles" in modelfile(signed_in, model, "http://x")


def test_the_errands_stand_in_the_admin_to_be_read(
    office: Client, model: LanguageModel
) -> None:
    make_errand(model, **FAILED)
    make_errand(model, action="delete")

    said = office.get(reverse("admin:models_app_errand_changelist")).content.decode()

    assert "refused with status 500: no room" in said
    assert "waiting" in said
    assert "Add errand" not in said
