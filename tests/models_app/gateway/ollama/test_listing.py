"""What there is, as Ollama's own SDK is told it."""

from datetime import UTC, datetime

import httpx
import pytest
from ollama import ResponseError

from dashboard.people.models import User
from models_app.gateway.callers import caller_of
from models_app.gateway.ollama.listing import digest_of, version_for
from models_app.models import LanguageModel
from tests.fakes.ollama_state import FakeOllama
from tests.make import (
    make_backend,
    make_hidden_backend,
    make_model,
    make_person,
    make_preset,
)
from tests.models_app.gateway.ollama.houses import (
    MODEL,
    OTHER,
    VECTORS,
    at_ollama,
    client_of,
    embedder,
    key_for,
    made,
    vllm_house,
)

DEAD = "http://127.0.0.1:9"
LEAVES = datetime(2026, 11, 29, 12, tzinfo=UTC)


def whole_house(**fields: object) -> str:
    """Two servers, a model that makes vectors, a preset, and a server that is hidden."""
    ollamas = make_backend(kind="ollama", base_url=DEAD, name="gpu-01")
    make_model(
        MODEL,
        backend=ollamas,
        size=7_000,
        family="llama",
        parameters="1.2B",
        quantization="Q4_K_M",
        context=8192,
        capabilities=["completion", "tools"],
        mark="ab" * 32,
        loaded=True,
        memory=9_000,
        card_memory=8_000,
        unloads_at=LEAVES,
        window=4096,
    )
    embedder(ollamas)
    vllm_house(DEAD)
    make_model("hidden", backend=make_hidden_backend(kind="vllm"), loaded=True)
    make_preset(
        name="Short",
        model=MODEL,
        system="Be short.",
        parameters={"temperature": 0.2, "stop": ["a", '"']},
    )
    return key_for(make_person(), **fields)


async def test_presets_are_listed_before_models(gateway: str) -> None:
    secret = await made(whole_house)
    async with client_of(gateway, secret) as client:
        models = (await client.list()).models

    assert [each.model for each in models] == ["Short", OTHER, MODEL, VECTORS]


async def test_a_model_is_told_with_its_details(gateway: str) -> None:
    secret = await made(whole_house)
    async with client_of(gateway, secret) as client:
        preset, _, model, _ = (await client.list()).models

    assert (model.digest, model.size) == ("ab" * 32, 7_000)
    assert model.details == preset.details
    assert model.details is not None
    assert model.details.quantization_level == "Q4_K_M"


async def test_a_key_for_one_model_is_told_of_no_other(gateway: str) -> None:
    secret = await made(whole_house, allowed_models=["Short"])
    async with client_of(gateway, secret) as client:
        models = (await client.list()).models
        loaded = (await client.ps()).models
        with pytest.raises(ResponseError, match=MODEL):
            await client.show(MODEL)

    assert ([each.model for each in models], loaded) == (["Short"], [])


async def test_what_is_in_memory_is_told(gateway: str) -> None:
    secret = await made(whole_house)
    async with client_of(gateway, secret) as client:
        (loaded,) = (await client.ps()).models

    assert (loaded.model, loaded.size, loaded.size_vram) == (MODEL, 9_000, 8_000)
    assert (loaded.expires_at, loaded.context_length) == (LEAVES, 4096)


async def test_a_model_is_shown(gateway: str) -> None:
    secret = await made(whole_house)
    async with client_of(gateway, secret) as client:
        shown = await client.show(MODEL)
        vectors = await client.show(VECTORS)

    assert shown.capabilities == ["completion", "tools"]
    assert shown.modelinfo == {
        "general.architecture": "llama",
        "llama.context_length": 8192,
    }
    assert vectors.capabilities == ["embedding"]


async def test_a_preset_is_shown_with_its_modelfile(gateway: str) -> None:
    secret = await made(whole_house)
    async with client_of(gateway, secret) as client:
        shown = await client.show("short")

    assert shown.details is not None
    assert shown.details.parent_model == MODEL
    assert (shown.modelfile or "").startswith(f"FROM {MODEL}")
    assert (shown.parameters or "").splitlines() == [
        'stop                           "a"',
        'stop                           "\\""',
        "temperature                    0.2",
    ]


async def test_what_is_for_others_is_not_there(gateway: str) -> None:
    secret = await made(whole_house)
    async with client_of(gateway, secret) as client:
        with pytest.raises(ResponseError, match="hidden") as unknown:
            await client.show("hidden")

    assert unknown.value.status_code == 404


async def test_an_unknown_model_is_a_404_with_a_sentence(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(at_ollama, fake)
    async with client_of(gateway, secret) as client:
        with pytest.raises(ResponseError, match="There is no model “nope”") as unknown:
            await client.chat("nope", messages=[{"role": "user", "content": "x"}])

    assert unknown.value.status_code == 404


async def test_a_wrong_key_is_told_in_ollamas_shape(gateway: str) -> None:
    async with client_of(gateway, "pdk-wrong") as client:
        with pytest.raises(ResponseError, match="not valid") as wrong:
            await client.list()

    assert wrong.value.status_code == 401


async def test_the_key_may_come_in_a_header(gateway: str, fake: FakeOllama) -> None:
    secret = await made(at_ollama, fake)
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=gateway, headers=headers) as http:
        told = (await http.get("/api/tags")).json()

    assert [each["name"] for each in told["models"]] == [MODEL]


@pytest.mark.parametrize("end", ["/", ""])
async def test_programs_that_look_are_greeted(
    gateway: str, fake: FakeOllama, end: str
) -> None:
    place = f"/key/{await made(at_ollama, fake)}{end}"
    async with httpx.AsyncClient(base_url=gateway) as http:
        head, answer = await http.head(place), await http.get(place)
        stranger = await http.get(f"/key/anything{end}")

    assert (head.status_code, answer.text) == (200, "Ollama is running")
    assert stranger.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/chat", 405),
        ("POST", "/api/tags", 405),
        ("GET", "/api/nothing", 404),
        ("POST", "/key/x/api/push", 404),
        ("GET", "/api/", 404),
    ],
)
async def test_what_is_not_there_says_so_in_ollamas_shape(
    gateway: str, method: str, path: str, status: int
) -> None:
    async with httpx.AsyncClient(base_url=gateway) as http:
        answer = await http.request(method, path)

    assert answer.status_code == status
    assert list(answer.json()) == ["error"]


async def test_the_first_page_is_still_the_houses(gateway: str) -> None:
    async with httpx.AsyncClient(base_url=gateway) as http:
        answer = await http.get("/")

    assert answer.status_code == 302
    assert "Ollama" not in answer.text


def version_told(person: User) -> str:
    return str(version_for(caller_of(key_for(person)))["version"])


def test_the_version_is_that_of_the_newest_ollama(person: User) -> None:
    for name, version in (("a", "0.9.2"), ("b", "0.31.0-rc2"), ("c", "dev")):
        make_backend(name=name, kind="ollama", version=version)
    make_backend(kind="vllm", version="9.9.9")
    make_hidden_backend(kind="ollama", version="1.0.0")

    assert version_told(person) == "0.31.0"


def test_a_house_without_an_ollama_has_the_version_whose_dialect_it_speaks(
    person: User,
) -> None:
    make_backend(kind="ollama", version="0.0.0")

    assert version_told(person) == "0.33.0"


def test_what_has_no_digest_gets_one_that_stays() -> None:
    row = LanguageModel(name="tiny", size=1)
    digest = digest_of(row)

    assert len(digest) == 64
    assert digest_of(LanguageModel(name="Tiny:latest", size=1)) == digest
    assert digest_of(LanguageModel(name="tiny", size=2)) != digest


@pytest.mark.parametrize("name", ["Short", OTHER, MODEL, VECTORS])
async def test_the_newest_of_a_name_is_the_name_itself(gateway: str, name: str) -> None:
    secret = await made(whole_house)
    async with client_of(gateway, secret) as client:
        assert await client.show(f"{name}:latest") == await client.show(name)


def two_presets() -> str:
    """Alike but for what stands for the newest."""
    vllm_house(DEAD)
    for name in ("Short", "Short:latest"):
        make_preset(name=name, model=OTHER, system=name)
    return key_for(make_person())


@pytest.mark.parametrize("name", ["Short", "Short:latest"])
async def test_a_preset_that_is_named_wholly_goes_before_one_that_is_not(
    gateway: str, name: str
) -> None:
    secret = await made(two_presets)
    async with client_of(gateway, secret) as client:
        told = await client.show(name)

    assert f'"{name}"' in (told.modelfile or "")
