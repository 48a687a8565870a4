"""Models pulled, made, copied and deleted by Ollama's own SDK."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from ollama import ResponseError

from dashboard.live.db import in_db
from models_app.models import ApiKey, Errand, Pull, Restriction
from models_app.pulling import run_pull
from models_app.running_errands import Times, run_errands
from models_app.services.pulls import request_stop
from tests.fakes.ollama_state import FakeOllama
from tests.make import make_admin, make_backend, make_person, make_puller
from tests.models_app.gateway.ollama.houses import (
    MODEL,
    at_ollama,
    client_of,
    key_for,
    made,
    managed,
    ollama_house,
    vllm_house,
)

QUICK = Times(tick=0.01)
NEW = "qwen3:0.6b"


def waiting_pulls() -> list[int]:
    return list(Pull.objects.waiting().values_list("pk", flat=True))


def waiting_errands() -> list[int]:
    return list(Errand.objects.waiting().values_list("pk", flat=True))


async def until(found: Callable[[], list[int]]) -> list[int]:
    async with asyncio.timeout(10):
        while not (numbers := await in_db(found)()):
            await asyncio.sleep(0.01)
    return numbers


@asynccontextmanager
async def beside(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """What another process does meanwhile."""
    task = asyncio.ensure_future(work())
    try:
        yield
        await task
    finally:
        task.cancel()


async def puller() -> None:
    for each in await until(waiting_pulls):
        await run_pull(each)


async def worker() -> None:
    await until(waiting_errands)
    await run_errands(times=QUICK)


async def test_a_pull_is_told_as_ollama_tells_it(
    gateway: str, fake: FakeOllama
) -> None:
    fake.offer(NEW, 4_000_000, 500)
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client, beside(puller):
        told = [each async for each in await client.pull(NEW, stream=True)]

    layer = next(each for each in told if each.digest)
    assert told[0].status == "pulling to gpu-01"
    assert told[-1].status == "success"
    assert (layer.status or "")[8:] == (layer.digest or "")[7:19]
    assert NEW in fake.held


async def test_a_pull_may_be_waited_for(gateway: str, fake: FakeOllama) -> None:
    fake.offer(NEW, 1_000)
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client, beside(puller):
        told = await client.pull(NEW)

    assert told.status == "success"


async def test_a_pull_that_fails_has_a_status(gateway: str, fake: FakeOllama) -> None:
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client, beside(puller):
        with pytest.raises(ResponseError, match="nope") as failure:
            await client.pull("nope")

    assert failure.value.status_code == 422


async def test_a_pull_that_fails_in_the_middle_says_why_in_its_last_line(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client, beside(puller):
        lines = await client.pull("nope", stream=True)
        with pytest.raises(ResponseError, match="nope"):
            _ = [each async for each in lines]


async def test_a_pull_goes_on_when_nobody_listens(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client:
        lines = await client.pull(NEW, stream=True)
        await anext(lines)
        await lines.aclose()

    pull = await in_db(Pull.objects.get)()
    assert (pull.status, pull.stop_requested) == ("queued", False)


async def test_a_revoked_key_hears_no_more_of_a_pull(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client:
        lines = await client.pull(NEW, stream=True)
        await anext(lines)
        await in_db(ApiKey.objects.update)(revoked_at=timezone.now())

        with pytest.raises(ResponseError, match="key"):
            _ = [each async for each in lines]


async def cancel() -> None:
    (pull,) = await until(waiting_pulls)
    await in_db(request_stop)(pull, by=None)


async def test_a_pull_that_somebody_cancels_ends(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client, beside(cancel):
        with pytest.raises(ResponseError, match="was cancelled") as cancelled:
            await client.pull(NEW)

    assert cancelled.value.status_code == 409


def two_pullers(fake: FakeOllama) -> str:
    """One is drained, one is away, and the third is the one to take."""
    make_backend(name="a", kind="ollama", draining=True)
    make_backend(name="b", kind="ollama", failure_code="backend_unreachable")
    make_backend(name="c", kind="vllm")
    return managed(fake)


async def test_a_pull_goes_to_a_server_that_is_well(
    gateway: str, fake: FakeOllama
) -> None:
    fake.offer(NEW, 1_000)
    secret = await made(two_pullers, fake)
    async with client_of(gateway, secret) as client, beside(puller):
        await client.pull(NEW)

    assert NEW in fake.held


def with_vllm_only() -> str:
    vllm_house("http://127.0.0.1:9")
    person = make_person()
    person.user_permissions.add(Permission.objects.get(codename="add_pull"))
    return key_for(person, may_manage=True)


async def test_without_a_server_that_pulls_the_reason_is_told(gateway: str) -> None:
    secret = await made(with_vllm_only)
    async with client_of(gateway, secret) as client:
        with pytest.raises(ResponseError, match="vllm serve") as refused:
            await client.pull(NEW)

    assert refused.value.status_code == 422


async def test_a_key_that_may_not_manage_changes_nothing(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(at_ollama, fake)
    async with client_of(gateway, secret) as client:
        for order in (client.pull(NEW), client.delete(MODEL), client.copy(MODEL, "b")):
            with pytest.raises(ResponseError, match="This key may not") as refused:
                await order

    assert refused.value.status_code == 403
    assert fake.asked == []


def without_the_right(fake: FakeOllama) -> str:
    ollama_house(fake)
    return key_for(make_person(), may_manage=True)


async def test_a_key_lends_its_person_no_right(gateway: str, fake: FakeOllama) -> None:
    secret = await made(without_the_right, fake)
    async with client_of(gateway, secret) as client:
        for order in (client.pull(NEW), client.delete(MODEL), client.create(NEW)):
            with pytest.raises(ResponseError, match="You may not do that"):
                await order


async def test_a_model_is_deleted_when_the_answer_is_there(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client, beside(worker):
        told = await client.delete(MODEL)

    assert told.status == "success"
    assert MODEL not in fake.held


async def test_a_delete_that_fails_says_why(gateway: str, fake: FakeOllama) -> None:
    secret = await made(managed, fake)
    fake.refusals["DELETE /api/delete"] = "the disk is read-only"
    async with client_of(gateway, secret) as client, beside(worker):
        with pytest.raises(ResponseError, match="read-only"):
            await client.delete(MODEL)


async def test_what_nobody_has_is_not_deleted(gateway: str, fake: FakeOllama) -> None:
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client:
        with pytest.raises(ResponseError, match="nope") as unknown:
            await client.delete("nope")

    assert unknown.value.status_code == 404


async def test_a_model_gets_a_second_name(gateway: str, fake: FakeOllama) -> None:
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client, beside(worker):
        await client.copy(MODEL, "mine:1b")

    assert {MODEL, "mine:1b"} <= fake.held.keys()


async def test_a_name_that_is_taken_is_not_given_again(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client:
        with pytest.raises(ResponseError) as taken:
            await client.copy(MODEL, MODEL)

    assert taken.value.status_code == 409


async def test_a_model_is_made_of_another(gateway: str, fake: FakeOllama) -> None:
    secret = await made(managed, fake)
    wanted = {"system": "Be short.", "parameters": {"temperature": 0.2}}
    async with client_of(gateway, secret) as client, beside(puller):
        told = await client.create("short", from_=MODEL, **wanted)

    asked = next(each.body for each in fake.asked if each.path == "/api/create")
    assert told.status == "success"
    assert "short:latest" in fake.held
    assert (asked["from"], asked["system"]) == (MODEL, "Be short.")
    assert asked["parameters"] == {"temperature": 0.2}


def with_a_secret(fake: FakeOllama) -> str:
    """A key of somebody who may pull and delete, and a model that is not for them."""
    ollama_house(fake, MODEL, "secret:latest", abilities=None)
    Restriction.objects.create(model="secret")
    puller = make_puller()
    puller.user_permissions.add(Permission.objects.get(codename="delete_model"))
    return key_for(puller, may_manage=True)


ALIASES = (
    "secret",
    "Secret:latest",
    "library/secret",
    "registry.ollama.ai/library/secret",
)


@pytest.mark.parametrize("name", ALIASES)
async def test_what_is_for_others_is_the_base_of_nothing_under_any_name(
    gateway: str, fake: FakeOllama, name: str
) -> None:
    secret = await made(with_a_secret, fake)
    async with client_of(gateway, secret) as client:
        with pytest.raises(ResponseError, match="There is no model") as unknown:
            await client.create("mine", from_=name)
        with pytest.raises(ResponseError, match="There is no model"):
            await client.copy(name, "mine")

    assert unknown.value.status_code == 404
    assert not await in_db(Pull.objects.exists)()


@pytest.mark.parametrize("name", ALIASES)
async def test_what_is_for_others_is_neither_replaced_nor_deleted(
    gateway: str, fake: FakeOllama, name: str
) -> None:
    secret = await made(with_a_secret, fake)
    async with client_of(gateway, secret) as client:
        for order in (client.create(name, from_=MODEL), client.copy(MODEL, name)):
            with pytest.raises(ResponseError, match="already") as taken:
                await order
            assert taken.value.status_code == 409
        with pytest.raises(ResponseError, match="There is no model"):
            await client.delete(name)


async def test_only_administrators_make_a_model_in_the_place_of_another(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(with_a_secret, fake)
    async with client_of(gateway, secret) as client:
        with pytest.raises(ResponseError, match="already") as taken:
            await client.create(f"library/{MODEL}", from_=MODEL)

    assert taken.value.status_code == 409


def of_one_model(fake: FakeOllama) -> str:
    ollama_house(fake, MODEL, "other:1b", abilities=None)
    return key_for(make_admin(), may_manage=True, allowed_models=[MODEL])


async def test_a_key_for_one_model_manages_no_other(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(of_one_model, fake)
    async with client_of(gateway, secret) as client:
        for order in (
            client.pull(NEW),
            client.create(MODEL, from_="library/other:1b"),
            client.copy(MODEL, "library/other:1b"),
            client.delete("other:1b"),
        ):
            with pytest.raises(ResponseError, match="There is no model"):
                await order


async def test_a_model_is_deleted_by_its_long_name(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client, beside(worker):
        await client.delete(f"library/{MODEL}")

    assert MODEL not in fake.held


async def test_no_model_is_made_of_files(gateway: str, fake: FakeOllama) -> None:
    secret = await made(managed, fake)
    async with client_of(gateway, secret) as client:
        with pytest.raises(ResponseError, match="not of files") as refused:
            await client.create(NEW, files={"a.gguf": "sha256:0"})

    assert refused.value.status_code == 400
