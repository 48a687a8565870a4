"""What every kind of adapter can be told to do with models, over real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dashboard.errors import (
    BackendBusy,
    BackendCannotDo,
    BackendError,
    BackendLocked,
    BackendUnreachable,
    NoModelServer,
)
from models_app.adapters import ADAPTERS, adapter_for
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import Can
from models_app.adapters.client import open_client
from models_app.adapters.manageable import MANAGEMENT
from tests.fakes.replay import Answer, Replay, replaying, told
from tests.models_app.adapters.orders import CALLS, ORDERS, Order
from tests.models_app.adapters.servers import SERVERS, Served

SPOKEN = {name: order for name, order in ORDERS.items() if order.told}
CANNOT = [
    (kind, can)
    for kind, adapter in ADAPTERS.items()
    for can in sorted(MANAGEMENT - adapter.can)
]

every_order = pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
every_spoken = pytest.mark.parametrize("order", SPOKEN.values(), ids=SPOKEN)
every_server = pytest.mark.parametrize("served", SERVERS.values(), ids=SERVERS)


@asynccontextmanager
async def running(order: Order) -> AsyncIterator[tuple[Replay, Adapter]]:
    async with (
        replaying(order.answers, otherwise=order.otherwise) as server,
        open_client(server.url) as client,
    ):
        adapter = adapter_for(order.kind, client, server="gpu-01")
        adapter.pause = 0
        yield server, adapter


async def failing(order: Order, answer: Answer) -> BackendError:
    """The error of a server that always answers so."""
    async with running(Order(order.kind, order.can, {}, (), answer)) as (_, adapter):
        with pytest.raises(BackendError) as caught:
            await CALLS[order.can](adapter)
    return caught.value


def test_all_that_can_be_managed_can_be_asked_for() -> None:
    assert CALLS.keys() == MANAGEMENT


@pytest.mark.parametrize("kind", ADAPTERS)
def test_all_that_a_kind_can_do_has_been_shown(kind: str) -> None:
    shown = {each.can for each in ORDERS.values() if each.kind == kind}

    assert shown == ADAPTERS[kind].can & MANAGEMENT - {Can.PULL}


@every_order
async def test_an_order_is_given_in_the_kinds_own_words(order: Order) -> None:
    async with running(order) as (server, adapter):
        await CALLS[order.can](adapter)

    asked = [(a.method, a.path, a.json if a.body else None) for a in server.asked]
    assert asked == [*order.told]


@pytest.mark.parametrize(("kind", "can"), CANNOT)
async def test_what_a_kind_cannot_do_it_says_why_and_asks_nothing(
    kind: str, can: Can
) -> None:
    async with running(Order(kind, can, {}, ())) as (server, adapter):
        with pytest.raises(BackendCannotDo) as caught:
            await CALLS[can](adapter)

    assert len(str(caught.value.facts["detail"])) > 20
    assert server.asked == []


@every_spoken
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (told({"error": "no key"}, status=401), BackendLocked),
        (told({"error": "slow down"}, status=503), BackendBusy),
        (told({"error": {"message": "no room"}}, status=500), BackendError),
        (told({"error": {"message": "no room"}}), BackendError),
        (Answer(b"<html></html>", kind="text/html"), NoModelServer),
    ],
)
async def test_an_order_that_is_refused_is_told_by_its_kind(
    order: Order, answer: Answer, error: type[BackendError]
) -> None:
    assert isinstance(await failing(order, answer), error)


@every_spoken
async def test_an_order_to_a_server_that_is_not_there_says_so(order: Order) -> None:
    async with open_client("http://127.0.0.1:9") as client:
        adapter = adapter_for(order.kind, client, server="gpu-01")
        with pytest.raises(BackendUnreachable, match="connection refused"):
            await CALLS[order.can](adapter)


@every_server
async def test_a_server_says_itself_what_it_can(served: Served) -> None:
    full = ADAPTERS[served.kind].can
    async with (
        replaying(served.answers, otherwise=served.otherwise) as server,
        open_client(server.url) as client,
    ):
        can = await adapter_for(served.kind, client, server="gpu-01").abilities()

    assert can == (full if served.manages else full - MANAGEMENT)


@pytest.mark.parametrize("kind", ADAPTERS)
@pytest.mark.parametrize("name", ["", " ", "two words", "a\nb"])
def test_what_is_no_name_has_no_full_name(kind: str, name: str) -> None:
    with pytest.raises(ValueError):
        ADAPTERS[kind].full_name(name)


@pytest.mark.parametrize("kind", ADAPTERS)
def test_the_full_name_of_a_full_name_is_itself(kind: str) -> None:
    name = ADAPTERS[kind].full_name(" qwen3 ")

    assert ADAPTERS[kind].full_name(name) == name
