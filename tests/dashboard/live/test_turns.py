"""What a page asks is served in turn, beside all that it hears."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator

from dashboard.live import background
from dashboard.live.commands import JoinConversation
from dashboard.live.consumer import Handler, LiveConsumer
from dashboard.live.db import in_db
from dashboard.live.events import HOUSE, conversation_group, person_group
from dashboard.people.models import User
from tests.make import make_person

pytestmark = pytest.mark.django_db(transaction=True)

ROOM = 3


class Door:
    """A way into a conversation on which the database takes its time."""

    def __init__(self) -> None:
        self.knocked = threading.Event()
        self.opened = threading.Event()

    def find(self, person: User, command: JoinConversation) -> int:
        self.knocked.set()
        assert self.opened.wait(10)
        return command.conversation

    async def join(self, socket: LiveConsumer, conversation: int) -> None:
        await socket.join(conversation_group(conversation))
        await socket.tell({"kind": "conversation.joined"})


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def page(door: Door) -> AsyncIterator[WebsocketCommunicator]:
    class Page(LiveConsumer):
        handlers = {JoinConversation: Handler(door.find, then=door.join)}

    page = WebsocketCommunicator(Page.as_asgi(), "/ws/")
    page.scope["user"] = await in_db(make_person)()
    await page.connect()
    assert await kind_of_next(page) == "hello"
    await page.send_json_to({"kind": "conversation.join", "conversation": ROOM})
    await until(door.knocked.is_set)
    yield page
    door.opened.set()


async def until(done: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not done():
            await asyncio.sleep(0.01)


async def kind_of_next(page: WebsocketCommunicator) -> Any:
    return (await page.receive_json_from(timeout=10))["kind"]


async def say(group: str, kind: str, *, handler: str = "live.event") -> None:
    frame = f'{{"kind":"{kind}","person":1,"conversation":{ROOM}}}'
    envelope = {"type": handler, "group": group, "frame": frame}
    await get_channel_layer().group_send(group, envelope)


async def test_a_busy_database_holds_up_neither_pings_nor_events(
    page: WebsocketCommunicator,
) -> None:
    await page.send_json_to({"kind": "ping"})
    assert await kind_of_next(page) == "pong"

    await say(HOUSE, "models.changed")

    assert await kind_of_next(page) == "models.changed"


async def test_commands_are_answered_in_the_order_in_which_they_came(
    page: WebsocketCommunicator, door: Door
) -> None:
    await page.send_to(text_data="{}")

    door.opened.set()

    assert await kind_of_next(page) == "conversation.joined"
    assert await kind_of_next(page) == "command.failed"
    await page.disconnect()


async def test_a_removal_wins_over_a_join_that_was_under_way(
    page: WebsocketCommunicator, door: Door
) -> None:
    person = page.scope["user"].pk
    await say(person_group(person), "conversation.left", handler="live.left")
    assert await kind_of_next(page) == "conversation.left"
    door.opened.set()
    assert await kind_of_next(page) == "conversation.joined"
    await page.send_to(text_data="{}")
    assert await kind_of_next(page) == "command.failed"

    await say(conversation_group(ROOM), "message.added")
    await say(HOUSE, "models.changed")

    assert await kind_of_next(page) == "models.changed"
    await page.disconnect()


async def test_a_page_that_is_gone_joins_nothing_any_more(
    page: WebsocketCommunicator, door: Door
) -> None:
    await page.disconnect()

    door.opened.set()
    await until(lambda: not background._running)

    assert get_channel_layer().groups == {}
