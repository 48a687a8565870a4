"""Presets and real servers: tried, made into a model, read back from one."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import AsyncClient, Client

from dashboard.errors import (
    BackendCannotDo,
    BackendSilent,
    ModelThere,
    NamesAFile,
    NameTaken,
    NoSuchModel,
    NotAllowed,
    NotFound,
)
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.modelfile.understand import understood
from models_app.models import Backend, Preset, Pull, Restriction
from models_app.pulling import run_pull
from models_app.services.creations import create_model, model_name
from models_app.services.pulls import retry_pull
from models_app.serving.modelfiles import based_on, modelfile_on
from tests.fakes.conversing import CHAT, stream
from tests.fakes.heard import enqueued
from tests.fakes.ollama import ollama
from tests.fakes.ollama_state import FakeOllama
from tests.fakes.replay import Answer, End, replaying, told
from tests.make import (
    make_admin,
    make_backend,
    make_hidden_backend,
    make_model,
    make_person,
    make_preset,
    make_puller,
)

TEXT = """\
FROM tiny
SYSTEM Be kind.
PARAMETER temperature 0.1
MESSAGE user a
MESSAGE assistant b
"""
BY_HAND = "django.contrib.auth.backends.ModelBackend"
NDJSON = {"Accept": "application/x-ndjson"}


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with ollama() as fake:
        yield fake


def office() -> AsyncClient:
    client = AsyncClient()
    client.force_login(make_admin(), backend=BY_HAND)
    return client


def server_at(url: str, **fields: Any) -> Backend:
    backend = make_backend(name="gpu-01", base_url=url, **fields)
    make_model("tiny", backend=backend)
    return backend


async def tried(answer: Answer, **changes: str) -> tuple[list[dict[str, str]], Any]:
    """The lines that a page reads, and what the server was asked."""
    async with replaying({CHAT: answer}) as server:
        backend = await in_db(server_at)(server.url)
        client = await in_db(office)()
        form = {"text": TEXT, "prompt": "Who?", "server": str(backend.pk), **changes}
        response = await client.post("/presets/try/", form, headers=NDJSON)
        body = b"".join([each async for each in response]).decode()  # type: ignore[attr-defined]
    return [json.loads(each) for each in body.splitlines()], server.asked


@pytest.mark.django_db(transaction=True)
async def test_an_unsaved_preset_answers_as_it_would(serving: None) -> None:
    lines, (asked,) = await tried(Answer(stream("It", " is me.")))

    assert [each["kind"] for each in lines] == ["begun", "text", "text", "done"]
    assert lines[0]["text"] == "gpu-01"
    texts = [each["content"] for each in asked.json["messages"]]
    assert texts == ["Be kind.", "a", "b", "Who?"]
    assert (asked.json["temperature"], asked.json["max_tokens"]) == (0.1, 400)
    assert not await in_db(Preset.objects.exists)()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": "FROM tiny\nnonsense"}, "Mend the marked lines"),
        ({"prompt": " "}, "Write a question"),
        ({"server": "99999"}, "“tiny” is not available to you now"),
    ],
)
async def test_a_try_that_cannot_be_says_why(
    changes: dict[str, str], sentence: str, serving: None
) -> None:
    lines, asked = await tried(Answer(b""), **changes)

    assert [each["kind"] for each in lines] == ["failed"]
    assert sentence in lines[0]["text"]
    assert asked == []


@pytest.mark.django_db(transaction=True)
async def test_without_javascript_the_answer_comes_with_the_page(
    serving: None,
) -> None:
    async with replaying({CHAT: Answer(stream("Me."))}) as server:
        backend = await in_db(server_at)(server.url)
        client = await in_db(office)()
        form = {"text": TEXT, "prompt": "Who?", "server": str(backend.pk)}
        page = (await client.post("/presets/try/", form)).content.decode()

    assert re.search(r"data-try-answer\s*>Me.</p>", page)
    assert "SYSTEM Be kind." in page


def prepared(fake: FakeOllama, **fields: Any) -> tuple[Preset, Backend, User]:
    backend = server_at(fake.url, kind="ollama")
    return make_preset(**{"text": TEXT, **fields}), backend, make_admin()


@pytest.mark.django_db(transaction=True)
async def test_a_model_is_made_of_a_preset(fake: FakeOllama) -> None:
    fake.hold("tiny")
    preset, backend, admin = await in_db(prepared)(fake)

    number = await in_db(create_model)(
        preset.pk, backend=backend.pk, name="kind-one", by=admin
    )
    await run_pull(number)

    pull = await in_db(Pull.objects.get)(pk=number)
    assert (pull.status, pull.error_code) == ("done", "")
    asked = next(each for each in fake.asked if each.path == "/api/create").body
    assert (asked["model"], asked["from"]) == ("kind-one", "tiny")
    assert asked["system"] == "Be kind."
    assert asked["parameters"] == {"temperature": 0.1}
    assert [each["content"] for each in asked["messages"]] == ["a", "b"]


@pytest.mark.django_db
def test_a_making_that_failed_is_retried_as_a_making(fake: FakeOllama) -> None:
    preset, backend, admin = prepared(fake)
    number = create_model(preset.pk, backend=backend.pk, name="x", by=admin)
    Pull.objects.filter(pk=number).update(status="failed")

    again = retry_pull(number, by=admin)

    assert Pull.objects.get(pk=again).modelfile == preset.text
    assert again != number


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["library/tiny", "registry.ollama.ai/library/tiny"])
def test_no_other_name_of_a_model_replaces_it_either(
    fake: FakeOllama, name: str
) -> None:
    preset, backend, admin = prepared(fake)

    with pytest.raises(ModelThere):
        create_model(preset.pk, backend=backend.pk, name=name, by=admin)


@pytest.mark.django_db
def test_a_server_of_others_makes_no_model_and_tells_of_none_that_it_has() -> None:
    preset, puller = make_preset(), make_puller()
    hidden = make_hidden_backend(kind="ollama")
    make_model("tiny", backend=hidden)

    for name, server in (("tiny", hidden.pk), ("new", hidden.pk), ("new", 0)):
        with pytest.raises(NotFound):
            create_model(preset.pk, backend=server, name=name, by=puller)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["secret", "library/secret"])
def test_what_is_for_others_is_neither_a_base_nor_replaced(name: str) -> None:
    backend = make_backend(kind="ollama")
    make_model("secret:latest", backend=backend)
    Restriction.objects.create(model="secret")
    puller, of_it, open_one = make_puller(), make_preset(model=name), make_preset()
    where: dict[str, Any] = {"backend": backend.pk, "by": puller, "replace": True}

    with pytest.raises(NotFound):
        create_model(of_it.pk, name="mine", **where)
    with pytest.raises(NameTaken):
        create_model(open_one.pk, name=name, **where)


@pytest.mark.django_db
def test_what_is_made_is_for_the_same_people_under_its_short_name() -> None:
    backend, admin = make_backend(kind="ollama"), make_admin()
    preset = make_preset(model="library/secret")
    Restriction.objects.create(model="secret")

    create_model(preset.pk, backend=backend.pk, name="library/mine", by=admin)

    assert Restriction.objects.filter(model="mine").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["secret", "library/secret", "nowhere"])
async def test_what_is_for_others_is_read_under_no_name(
    fake: FakeOllama, name: str
) -> None:
    fake.hold("secret")
    backend = await in_db(server_at)(fake.url, kind="ollama")
    await in_db(make_model)("secret", backend=backend)
    await in_db(Restriction.objects.create)(model="secret")

    with pytest.raises(NoSuchModel) as failure:
        await modelfile_on(backend.pk, name, person=await in_db(make_person)())
    assert failure.value.facts == {"server": backend.name, "name": name}


@pytest.mark.django_db
def test_a_model_of_that_name_is_not_replaced_unasked(fake: FakeOllama) -> None:
    preset, backend, admin = prepared(fake)
    where: dict[str, Any] = {"backend": backend.pk, "name": "tiny:latest", "by": admin}

    with pytest.raises(ModelThere, match="gpu-01 has a model “tiny:latest” already"):
        create_model(preset.pk, **where)
    with enqueued() as jobs:
        create_model(preset.pk, **where, replace=True)

    assert len(jobs) <= 1
    assert Pull.objects.get().modelfile == TEXT


@pytest.mark.django_db
def test_what_cannot_be_made_says_why(fake: FakeOllama) -> None:
    preset, backend, admin = prepared(fake, text=f"{TEXT}ADAPTER ./lora.gguf\n")
    where: dict[str, Any] = {"name": "x", "by": admin}
    other = make_backend(kind="vllm")

    with pytest.raises(NamesAFile, match="Line 6 names a file"):
        create_model(preset.pk, backend=backend.pk, **where)
    sound = make_preset(text=TEXT)
    with pytest.raises(BackendCannotDo, match="vLLM serves the one model"):
        create_model(sound.pk, backend=other.pk, **where)
    with pytest.raises(NotAllowed):
        create_model(sound.pk, backend=backend.pk, name="x", by=make_person())


@pytest.mark.django_db
def test_the_page_starts_the_making_and_gives_a_refusal_back(
    client: Client, fake: FakeOllama
) -> None:
    preset, backend, admin = prepared(fake)
    client.force_login(admin, backend=BY_HAND)
    url = f"/presets/{preset.pk}/create/"

    refused = client.post(url, {"server": backend.pk, "model": "tiny"})
    done = client.post(url, {"server": backend.pk, "model": "kind"}, follow=True)

    assert refused.status_code == 422
    assert 'value="tiny"' in refused.content.decode()
    page = done.content.decode()
    assert "“kind” is being made" in page
    assert "<b>kind</b> <small>gpu-01</small>" in page


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Customer mail!", "customer-mail"), ("Ünï", "uni"), ("翻译", "preset-7")],
)
def test_a_name_is_proposed_that_a_server_takes(name: str, expected: str) -> None:
    assert model_name(Preset(pk=7, name=name)) == expected


SHOWN = """\
# Modelfile generated by "ollama show"
# FROM smollm2:135m

FROM /var/lib/ollama/models/blobs/sha256-27e1
FROM /var/lib/ollama/models/blobs/sha256-9abc
TEMPLATE "{{ .Prompt }}
"
PARAMETER stop <|im_end|>
"""


def test_what_a_server_shows_is_based_on_the_model_itself() -> None:
    text = based_on("smollm2:135m", SHOWN)

    known = understood(text)
    assert (known.errors, known.warnings) == ((), ())
    assert known.recipe.bases == ("smollm2:135m",)
    assert known.recipe.template == "{{ .Prompt }}\n"
    assert "# Modelfile generated by" in text


@pytest.mark.django_db(transaction=True)
async def test_nobody_waits_for_a_server_that_does_not_answer() -> None:
    async with replaying({"/api/show": Answer(b"", end=End.HANG)}) as server:
        backend = await in_db(server_at)(server.url, kind="ollama")
        admin = await in_db(make_admin)()

        with pytest.raises(BackendSilent, match="gpu-01 sent nothing"):
            await modelfile_on(backend.pk, "tiny", person=admin, seconds=0.05)


async def read(shown: Answer, **changes: str) -> tuple[int, str]:
    async with replaying({"/api/show": shown}) as server:
        backend = await in_db(server_at)(server.url, kind="ollama")
        client = await in_db(office)()
        form = {"server": str(backend.pk), "model": "tiny", **changes}
        response = await client.post("/presets/read/", form)
    return response.status_code, response.content.decode()


@pytest.mark.django_db(transaction=True)
async def test_a_model_on_a_server_opens_in_the_editor() -> None:
    status, page = await read(told({"modelfile": SHOWN}))

    assert status == 200
    assert "\nFROM tiny\nTEMPLATE" in page
    assert "Nothing is saved yet" in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("answer", "changes", "status", "sentence"),
    [
        (told({"error": "model not found"}, status=404), {}, 502, "no longer has"),
        (told({}), {}, 502, "without its Modelfile"),
        (told({}), {"server": "0"}, 404, "That is not here"),
        (told({}), {"model": "nope"}, 404, "has no model “nope” for you"),
        (told({}), {"model": ""}, 422, "Choose a server"),
    ],
)
async def test_a_model_that_cannot_be_read_says_why(
    answer: Answer, changes: dict[str, str], status: int, sentence: str
) -> None:
    got, page = await read(answer, **changes)

    assert got == status
    assert sentence in page


@pytest.mark.django_db(transaction=True)
async def test_the_modelfile_of_a_model_leads_to_a_preset() -> None:
    async with replaying({"/api/show": told({"modelfile": SHOWN})}) as server:
        backend = await in_db(server_at)(server.url, kind="ollama")
        model = await in_db(backend.language_models.get)()
        client = await in_db(office)()
        shown = await client.get(f"/models/{model.pk}/modelfile/")

    page = shown.content.decode()
    assert "Make a preset of it" in page
    assert f'name="server" value="{backend.pk}"' in page
