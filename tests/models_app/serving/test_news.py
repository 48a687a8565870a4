"""Telling the status pages that somebody else is being served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from channels.layers import get_channel_layer

from chat.generation import generate
from dashboard.live.events import HOUSE
from models_app.serving.news import News
from tests.fakes.conversing import CHAT, begun, stream
from tests.fakes.replay import Answer, End, replaying

FRAME = '{"kind":"serving.changed"}'


@asynccontextmanager
async def watching() -> AsyncIterator[list[str]]:
    """What a status page is told while the block runs."""
    layer = get_channel_layer()
    channel = await layer.new_channel("watching.")
    await layer.group_add(HOUSE, channel)
    heard: list[str] = []

    async def listen() -> None:
        while True:
            heard.append((await layer.receive(channel))["frame"])

    listening = asyncio.create_task(listen())
    try:
        yield heard
    finally:
        listening.cancel()
        await asyncio.wait({listening})
        await layer.group_discard(HOUSE, channel)


async def until(heard: list[str], count: int) -> None:
    async with asyncio.timeout(5):
        while len(heard) < count:
            await asyncio.sleep(0.01)


async def test_a_hundred_changes_at_once_are_told_at_most_twice() -> None:
    news = News(pause=0.05)
    async with watching() as heard:
        for _ in range(100):
            news.changed()
            await asyncio.sleep(0)
        await until(heard, 1)
        await asyncio.sleep(0.2)

    assert 1 <= len(heard) <= 2
    assert {*heard} == {FRAME}


async def test_a_change_within_the_pause_is_told_after_it() -> None:
    news = News(pause=0.05)
    async with watching() as heard:
        news.changed()
        await until(heard, 1)
        news.changed()
        assert len(heard) == 1
        await until(heard, 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("serving")
async def test_pages_hear_that_a_reply_began_and_that_it_ended() -> None:
    async with (
        replaying({CHAT: Answer(stream("Hel", "lo"))}) as server,
        watching() as heard,
    ):
        turn, _ = await begun(server.url)
        await generate(turn)
        await until(heard, 2)

    assert {*heard} == {FRAME}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("serving")
async def test_pages_hear_that_a_reply_ended_also_when_its_writer_was_killed() -> None:
    async with (
        replaying({CHAT: Answer(stream("Hel", finish=False), end=End.HANG)}) as server,
        watching() as heard,
    ):
        turn, _ = await begun(server.url)
        writing = asyncio.create_task(generate(turn))
        await until(heard, 1)
        writing.cancel()
        await asyncio.wait({writing})
        await until(heard, 2)
