"""What every kind of adapter tells of its server, over real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.errors import BackendError, BackendRefused, BackendUnreachable
from models_app.adapters import ADAPTERS, adapter_for
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import Can, Workload
from models_app.adapters.client import open_client
from models_app.adapters.detect import examine
from tests.fakes.replay import Answer, Replay, replaying
from tests.models_app.adapters.servers import SERVERS, Served

KEY = "secret"

every_server = pytest.mark.parametrize("served", SERVERS.values(), ids=SERVERS)


@asynccontextmanager
async def running(served: Served) -> AsyncIterator[tuple[Replay, Adapter]]:
    async with (
        replaying(served.answers, otherwise=served.otherwise) as server,
        open_client(server.url, key=KEY) as client,
    ):
        yield server, adapter_for(served.kind, client, server="gpu-01")


async def look(adapter: Adapter) -> None:
    """All that is asked again and again, while nobody does anything."""
    for model in await adapter.list_models():
        await adapter.describe(model)
    await adapter.list_loaded()
    await adapter.workload()
    await adapter.meters()
    await adapter.version()


def test_each_kind_has_a_server_in_the_contract() -> None:
    assert {each.kind for each in SERVERS.values()} == ADAPTERS.keys()


def test_each_kind_can_list_and_chat() -> None:
    assert all(each.can >= {Can.LIST, Can.CHAT} for each in ADAPTERS.values())


@every_server
async def test_it_is_found_by_its_answers(served: Served) -> None:
    async with running(served) as (server, _):
        assert (await examine(server.url)).kind == served.kind


@every_server
async def test_its_models_are_listed_with_all_that_it_tells(served: Served) -> None:
    async with running(served) as (_, adapter):
        assert await adapter.list_models() == [*served.models]


@every_server
async def test_a_question_about_one_model_brings_the_rest(served: Served) -> None:
    async with running(served) as (_, adapter):
        described = await adapter.describe(served.models[0])

    assert described == served.described


@every_server
async def test_its_models_in_memory_are_listed(served: Served) -> None:
    async with running(served) as (_, adapter):
        assert await adapter.list_loaded() == [*served.loaded]


@every_server
async def test_names_in_memory_are_names_on_disk(served: Served) -> None:
    async with running(served) as (_, adapter):
        names = {each.name for each in await adapter.list_models()}

        assert {each.name for each in await adapter.list_loaded()} <= names


@every_server
async def test_it_says_what_it_has_to_do(served: Served) -> None:
    async with running(served) as (_, adapter):
        assert await adapter.workload() == served.workload


@every_server
async def test_its_meters_show_what_it_has_to_do(served: Served) -> None:
    async with running(served) as (_, adapter):
        shown = await adapter.meters()

    if not shown.off:
        assert Workload(shown.running, shown.waiting) == served.workload


@every_server
async def test_it_says_its_version(served: Served) -> None:
    async with running(served) as (_, adapter):
        assert await adapter.version() == served.version


@every_server
def test_a_kind_says_that_it_can_what_it_can_and_no_more(served: Served) -> None:
    can = ADAPTERS[served.kind].can

    assert (Can.DESCRIBE in can) == (served.described != served.models[0])
    assert (Can.LOADED in can) == bool(served.loaded)
    assert (Can.WORKLOAD in can) == (served.workload != Workload())
    assert (Can.VERSION in can) == bool(served.version)


@every_server
async def test_what_a_kind_cannot_tell_it_is_not_asked(served: Served) -> None:
    async with running(served) as (server, adapter):
        if Can.DESCRIBE not in adapter.can:
            await adapter.describe(served.models[0])
        if Can.LOADED not in adapter.can:
            await adapter.list_loaded()
        if Can.WORKLOAD not in adapter.can:
            await adapter.workload()
            await adapter.meters()
        if Can.VERSION not in adapter.can:
            await adapter.version()

    assert server.asked == []


@every_server
async def test_looking_changes_nothing_on_the_server(served: Served) -> None:
    async with running(served) as (server, adapter):
        await look(adapter)

    asked = {(each.method, each.path) for each in server.asked}
    assert {path for method, path in asked if method != "GET"} <= {"/api/show"}


@every_server
async def test_looking_at_one_model_never_loads_it(served: Served) -> None:
    async with running(served) as (server, adapter):
        await look(adapter)

    queries = [parse_qs(urlsplit(each.path).query) for each in server.asked]
    assert all(q.get("autoload") == ["false"] for q in queries if q)


@every_server
async def test_the_key_goes_with_every_question(served: Served) -> None:
    async with running(served) as (server, adapter):
        await look(adapter)

    keys = {each.headers.get("authorization") for each in server.asked}
    assert keys == {f"Bearer {KEY}"}


@every_server
async def test_a_redirect_is_told_and_not_followed(served: Served) -> None:
    async with replaying({}) as other:
        away = Answer(status=302, headers={"Location": other.url}, kind="text/html")
        elsewhere = Served(served.kind, {}, (), served.described, otherwise=away)
        async with running(elsewhere) as (_, adapter):
            with pytest.raises(BackendRefused, match="it points to http://127"):
                await adapter.list_models()

    assert other.asked == []


@every_server
async def test_a_server_that_is_not_there_is_unreachable(served: Served) -> None:
    async with open_client("http://127.0.0.1:9") as client:
        adapter = adapter_for(served.kind, client, server="gpu-01")
        with pytest.raises(BackendUnreachable, match="connection refused"):
            await adapter.list_models()


@every_server
@pytest.mark.parametrize(
    "body", [b"", b"7", b"{", b"null", b"[[[]]]", b'{"data": 1, "models": "x"}']
)
async def test_nonsense_is_an_error_of_ours_and_no_accident(
    served: Served, body: bytes
) -> None:
    strange = Answer(body, kind="application/json")
    odd = Served(served.kind, {}, (), served.described, otherwise=strange)
    async with running(odd) as (_, adapter):
        with pytest.raises(BackendError):
            await adapter.list_models()
        for ask in (adapter.list_loaded, adapter.workload, adapter.version):
            with suppress(BackendError):
                assert await ask() in ([], Workload(), "")
