"""Looking at servers: what is asked, what is kept, and when they are looked at again."""

import asyncio
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.errors import (
    BackendBroken,
)
from dashboard.live.db import in_db
from models_app.health import look_at, look_at_due, look_for_servers, refresh
from models_app.models import Backend, FoundServer, LanguageModel
from models_app.services.backends import (
    note_failure,
    note_look,
)
from tests.fakes.replay import Answer, End, replaying, told
from tests.make import make_backend, make_model
from tests.recordings import recorded

pytestmark = pytest.mark.django_db(transaction=True)

LISTS_ONE = {"/v1/models": told({"data": [{"id": "fine", "max_model_len": 4096}]})}
HANGS = {"/v1/models": Answer(end=End.HANG, kind="application/json")}


def backends() -> list[Backend]:
    return list(Backend.objects.order_by("pk"))


def models_of(backend: Backend) -> dict[str, LanguageModel]:
    return {row.name: row for row in backend.language_models.all()}


async def looked(**fields: object) -> Backend:
    """A backend of these fields after one look at it."""
    backend = await in_db(make_backend)(**fields)
    await refresh(backend)
    return await in_db(Backend.objects.get)(pk=backend.pk)


async def test_what_a_server_lists_is_kept_and_what_it_no_longer_lists_is_unlisted() -> (
    None
):
    async with replaying(LISTS_ONE) as server:
        backend = await in_db(make_backend)(base_url=server.url)
        await in_db(make_model)("old", backend=backend)

        await look_at_due()

    models = await in_db(models_of)(backend)
    assert {name: row.listed for name, row in models.items()} == {
        "fine": True,
        "old": False,
    }
    assert models["fine"].window == 4096


async def test_one_unreadable_key_and_one_dead_server_stop_no_other() -> None:
    async with replaying(LISTS_ONE) as server:
        await in_db(make_backend)(sealed_key="not ours")
        await in_db(make_backend)(base_url="http://127.0.0.1:9")
        await in_db(make_backend)(base_url=server.url)

        await look_at_due()

    codes = [each.failure_code for each in await in_db(backends)()]
    assert codes == ["key_unreadable", "backend_unreachable", ""]


async def test_a_hung_server_delays_no_look_at_another() -> None:
    async with replaying(HANGS) as hung, replaying(LISTS_ONE) as fine:
        await in_db(make_backend)(base_url=hung.url)
        round_of_looks = asyncio.create_task(look_at_due())
        await asyncio.sleep(0)
        other = await in_db(make_backend)(base_url=fine.url)

        async with asyncio.timeout(4):
            while not await in_db(models_of)(other):
                await asyncio.sleep(0.05)

        assert not round_of_looks.done()
        round_of_looks.cancel()


async def test_a_model_of_somebodys_cloud_is_not_offered() -> None:
    cloud = {"name": "big:cloud", "remote_model": "big", "details": {}}
    tags = told({"models": [cloud, {"name": "tiny:latest", "details": {}}]})
    async with replaying({"/api/tags": tags}) as server:
        backend = await looked(base_url=server.url, kind="ollama")

    assert list(await in_db(models_of)(backend)) == ["tiny:latest"]


async def test_the_kind_of_a_server_is_found_out() -> None:
    answers = {
        "/": Answer(b"Ollama is running", kind="text/plain"),
        "/api/tags": Answer(recorded("ollama-tags.json"), kind="application/json"),
    }
    async with replaying(answers) as server:
        backend = await looked(base_url=server.url, kind="", kind_by_hand=False)

    assert backend.kind == "ollama"
    assert (await in_db(models_of)(backend))["qwen3:1.7b"].context == 40960


async def test_a_kind_set_by_hand_is_never_overridden() -> None:
    answers = {"/": Answer(b"Ollama is running", kind="text/plain"), **LISTS_ONE}
    async with replaying(answers) as server:
        backend = await looked(base_url=server.url, kind="openai", kind_by_hand=True)

    assert (backend.kind, backend.up) == ("openai", True)


async def test_a_server_that_became_another_kind_is_known_again() -> None:
    async with replaying(LISTS_ONE) as server:
        backend = await looked(base_url=server.url, kind="ollama", kind_by_hand=False)

    assert (backend.kind, backend.up) == ("openai", True)


async def test_a_look_keeps_memory_unload_time_version_and_load() -> None:
    tags = json.loads(recorded("ollama-tags.json"))
    held = {"name": "qwen3:1.7b", "size": 3_000, "size_vram": 2_000}
    held |= {"context_length": 8192, "expires_at": "2026-11-22T09:36:12.55+01:00"}
    answers = {
        "/api/tags": told(tags),
        "/api/ps": told({"models": [held]}),
        "/api/version": told({"version": "0.33.0"}),
    }
    async with replaying(answers) as server:
        backend = await looked(base_url=server.url, kind="ollama")

    model = (await in_db(models_of)(backend))["qwen3:1.7b"]
    assert (model.loaded, model.memory, model.card_memory) == (True, 3_000, 2_000)
    assert (model.context, model.window) == (40960, 8192)
    assert (backend.version, backend.running) == ("0.33.0", None)


async def test_a_look_asks_for_nothing_that_loads_or_generates() -> None:
    old = told({"models": [{"name": "old:latest", "digest": "d", "details": {}}]})
    async with replaying({"/api/tags": old, "/api/show": told({})}) as server:
        await looked(base_url=server.url, kind="ollama")

    posted = [each.path for each in server.asked if each.method == "POST"]
    assert {*posted} == {"/api/show"}


async def test_an_older_ollama_is_asked_about_each_model_once() -> None:
    shown = {
        "capabilities": ["completion", "tools"],
        "model_info": {"general.architecture": "llama", "llama.context_length": 8192},
    }
    old = {"name": "old:latest", "digest": "abc", "details": {}}
    answers = {"/api/tags": told({"models": [old]}), "/api/show": told(shown)}
    async with replaying(answers) as server:
        backend = await looked(base_url=server.url, kind="ollama")
        await refresh(backend)

    model = (await in_db(models_of)(backend))["old:latest"]
    assert (model.context, model.capabilities) == (8192, ["completion", "tools"])
    # Once for what it can, and once for its shape.
    assert [each.path for each in server.asked].count("/api/show") == 2


async def test_a_lying_server_breaks_nothing() -> None:
    lies = [
        {"id": "a" * 301},
        {"id": "nul\0"},
        {"id": "big", "max_model_len": 10**30},
        {"id": "big", "max_model_len": -1},
        {"id": ["no", "text"]},
    ]
    async with replaying({"/v1/models": told({"data": lies})}) as server:
        backend = await looked(base_url=server.url)

    assert backend.up
    models = await in_db(models_of)(backend)
    assert models["big"].window is None


async def test_the_four_facts_are_separate() -> None:
    async with replaying({"/v1/models": told({"error": "no"}, status=500)}) as server:
        refusing = await looked(base_url=server.url)
    dead = await looked()

    assert refusing.reached_at
    assert not refusing.seen_at
    assert not dead.reached_at
    assert not refusing.replied_at


def port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1])


async def offers() -> list[str]:
    return await in_db(lambda: [row.base_url for row in FoundServer.objects.all()])()


async def test_a_server_on_a_usual_port_is_offered_until_it_is_gone() -> None:
    async with replaying(LISTS_ONE) as server:
        await look_for_servers((port_of(server.url),))
        assert await offers() == [server.url]

    await look_for_servers((port_of(server.url),))
    assert await offers() == []


async def test_a_server_that_is_known_is_not_asked_whether_it_is_one() -> None:
    async with replaying(LISTS_ONE) as server:
        await in_db(make_backend)(base_url=server.url.replace("127.0.0.1", "localhost"))

        await look_for_servers((port_of(server.url),))

    assert server.asked == []
    assert await offers() == []


async def test_a_program_that_is_no_model_server_is_left_in_peace() -> None:
    async with replaying({}) as server:
        await look_for_servers((port_of(server.url),))
        asked = len(server.asked)
        await look_for_servers((port_of(server.url),))

    assert asked == len(server.asked) > 0


async def test_what_a_server_tells_beside_its_list_may_be_missing() -> None:
    hangs = Answer(end=End.HANG)
    answers = {
        **LISTS_ONE,
        "/metrics": hangs,
        "/version": told({"version": "0.32"}),
    }
    async with replaying(answers) as server:
        backend = await looked(base_url=server.url, kind="vllm")

    assert (backend.up, backend.version, backend.running) == (True, "0.32", None)


async def test_a_model_of_which_nothing_more_is_told_is_asked_about_once() -> None:
    entries = [
        {"name": f"old-{number}:latest", "digest": f"d{number}", "details": {}}
        for number in range(30)
    ]
    answers = {"/api/tags": told({"models": entries}), "/api/show": told({})}
    async with replaying(answers) as server:
        backend = await looked(base_url=server.url, kind="ollama")
        await refresh(backend)

    asked = [each.json["model"] for each in server.asked if each.path == "/api/show"]
    assert {*asked} == {f"old-{number}:latest" for number in range(30)}
    # At each of the two looks one of them was asked for its shape as well.
    assert len(asked) == 30 + 2


async def test_a_model_that_could_not_be_described_is_asked_about_again() -> None:
    tags = told({"models": [{"name": "old:latest", "digest": "d", "details": {}}]})
    shows = [
        told({"error": "busy"}, status=500),
        told({"capabilities": ["completion"]}),
    ]
    async with replaying({"/api/tags": tags, "/api/show": shows}) as server:
        backend = await looked(base_url=server.url, kind="ollama")
        await refresh(backend)

    model = (await in_db(models_of)(backend))["old:latest"]
    assert model.capabilities == ["completion"]


async def test_what_a_model_can_is_asked_anew_when_its_server_was_away() -> None:
    tags = told({"models": [{"name": "old:latest", "digest": "d", "details": {}}]})
    older = told({"capabilities": ["completion"]})
    async with replaying({"/api/tags": tags, "/api/show": older}) as server:
        backend = await looked(base_url=server.url, kind="ollama")
        newer = told({"capabilities": ["completion", "vision"]})
        server.answers["/api/show"] = [newer]
        await in_db(note_failure)(backend, BackendBroken(server="s", detail="half"))
        await refresh(await in_db(Backend.objects.get)(pk=backend.pk))

    model = (await in_db(models_of)(backend))["old:latest"]
    assert model.capabilities == ["completion", "vision"]


async def test_a_server_that_is_still_loading_says_so() -> None:
    loading = told({"error": {"message": "Loading model"}}, status=503)
    async with replaying({"/v1/models": loading}) as server:
        backend = await looked(base_url=server.url, kind="vllm", kind_by_hand=False)

    assert backend.failure_code == "backend_busy"
    assert [each.path for each in server.asked] == ["/v1/models"]


async def test_a_server_that_refuses_is_asked_what_it_is_only_now_and_then() -> None:
    async with replaying({"/v1/models": told({}, status=500)}) as server:
        backend = await in_db(make_backend)(
            base_url=server.url, kind_by_hand=False, failures=3
        )
        await refresh(backend)

    assert {each.path for each in server.asked} == {"/v1/models"}


@pytest.mark.parametrize(
    "change", [{"base_url": "http://elsewhere:1"}, {"sealed_key": "x"}]
)
async def test_a_look_at_what_is_another_server_by_now_is_forgotten(
    change: dict[str, str],
) -> None:
    async with replaying(LISTS_ONE) as server:
        backend = await in_db(make_backend)(base_url=server.url)
        look = await look_at(backend)
        await in_db(Backend.objects.update)(**change)

        await in_db(note_look)(backend, look)
        await in_db(note_failure)(backend, BackendBroken(server="s", detail="half"))

    assert await in_db(models_of)(backend) == {}
    assert (await in_db(Backend.objects.get)()).failure_code == ""


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        ({}, True),
        ({"abilities_at": timezone.now()}, False),
        ({"abilities_at": timezone.now() - timedelta(minutes=11)}, True),
        ({"abilities_at": timezone.now(), "failure_code": "backend_broken"}, True),
    ],
)
async def test_what_a_server_can_is_asked_seldom(
    known: dict[str, object], asked: bool
) -> None:
    async with replaying(LISTS_ONE) as server:
        backend = await looked(
            base_url=server.url, kind="openai", abilities=[], **known
        )

    assert bool(backend.abilities) is asked
