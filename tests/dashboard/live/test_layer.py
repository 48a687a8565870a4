import asyncio

import pytest
from channels.layers import get_channel_layer

from dashboard.live import layer as live_layer
from dashboard.live.events import HOUSE


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_layer, "MOST", 3)


async def settled(channel: str) -> list[str]:
    """The types of what waits in a channel, once a last message has come."""
    layer = get_channel_layer()
    await layer.send(channel, {"type": "last"})
    heard: list[str] = []
    async with asyncio.timeout(10):
        while heard[-1:] != ["last"]:
            heard.append((await layer.receive(channel))["type"])
    return heard


async def test_too_much_for_one_channel_becomes_one_refetch(few: None) -> None:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(HOUSE, channel)

    for _ in range(4):
        await layer.group_send(HOUSE, {"type": "live.event", "frame": "{}"})

    assert await settled(channel) == ["live.refetch", "last"]
    await layer.flush()


async def test_what_ends_a_right_is_never_cut(few: None) -> None:
    layer = get_channel_layer()
    channel = await layer.new_channel()

    for kind in ("live.event", "live.ended", "live.event", "live.event"):
        await layer.send(channel, {"type": kind, "frame": "{}"})

    assert await settled(channel) == ["live.ended", "live.refetch", "last"]
    await layer.flush()
