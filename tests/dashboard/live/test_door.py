"""A socket that opens while Redis or the database is away is asked to try later."""

from collections.abc import Iterator

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings as house
from django.db import connection
from pytest_django import Settings

from dashboard.live.consumer import TRY_LATER
from dashboard.routing import websockets

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY = "redis://127.0.0.1:9/0"


def knocking() -> WebsocketCommunicator:
    headers = [
        (b"origin", house.PAGE_ORIGINS[0].encode()),
        (b"cookie", f"{house.SESSION_COOKIE_NAME}=of-some-person".encode()),
    ]
    return WebsocketCommunicator(websockets, "/ws/", headers)


async def is_asked_to_try_later(page: WebsocketCommunicator) -> bool:
    await page.send_input({"type": "websocket.connect"})
    said = [await page.receive_output(timeout=10) for _ in range(2)]
    return [each.get("code") for each in said] == [None, TRY_LATER]


@pytest.fixture
def no_database(transactional_db: None) -> Iterator[None]:
    """Every new connection fails, in every thread."""
    place = connection.settings_dict
    before = dict(place)
    connection.close()
    place.update(NAME="/nowhere/at/all", HOST="127.0.0.1", PORT="9")
    yield
    connection.close()
    place.update(before)


async def test_without_a_database_a_page_is_asked_to_try_later(
    no_database: None,
) -> None:
    assert await is_asked_to_try_later(knocking())


async def test_without_redis_a_page_is_asked_to_try_later(settings: Settings) -> None:
    layer = settings.CHANNEL_LAYERS["default"]
    nowhere = {"hosts": [{**layer["CONFIG"]["hosts"][0], "address": NOBODY}]}
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": nowhere}}

    assert await is_asked_to_try_later(knocking())


async def test_a_page_that_nobody_is_signed_in_at_is_let_in_and_told_so() -> None:
    page = knocking()

    await page.send_input({"type": "websocket.connect"})

    assert (await page.receive_output(timeout=10))["type"] == "websocket.accept"
    closing = await page.receive_output(timeout=10)
    assert closing["code"] != TRY_LATER
