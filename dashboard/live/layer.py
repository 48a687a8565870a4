"""The channel layer: Redis pub/sub that says when it lost messages.

Pub/sub forgets what is sent while Redis is away. When the link returns, every socket of
this process is told to refetch, so that no page shows a gap. So is a socket for which too
much waits, instead of all of it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

from channels_redis.pubsub import (
    RedisPubSubChannelLayer,
    RedisPubSubLoopLayer,
    RedisSingleShardConnection,
)
from channels_redis.utils import _wrap_close, decode_hosts
from redis.asyncio.client import PubSub

log = logging.getLogger(__name__)

EVENT = "live.event"
REFETCH = {"type": "live.refetch"}

MOST = 2_000
"""Messages that wait for one socket; beyond them, its events give way to a refetch."""


class HealingPubSub(PubSub):
    """A subscription that calls `healed` each time it is connected again.

    redis-py calls `on_connect` for reconnections only.
    """

    def __init__(self, *, healed: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self.healed = healed

    async def on_connect(self, connection: Any) -> None:
        await super().on_connect(connection)
        self.healed()


class HealingShard(RedisSingleShardConnection):
    def _ensure_redis(self) -> None:
        if self._redis is None:
            super()._ensure_redis()
            self._pubsub = HealingPubSub(
                connection_pool=self._redis.connection_pool,  # type: ignore[attr-defined]
                healed=self.healed,
            )

    def healed(self) -> None:
        log.warning("The channel layer is back; open pages refetch what they missed.")
        refetch = self.layer.serialize(REFETCH)
        for queue in self.channel_layer.channels.values():
            queue.put_nowait(refetch)

    @property
    def layer(self) -> RedisPubSubChannelLayer:
        return self.channel_layer.channel_layer

    def _receive_message(self, message: Any) -> None:
        """As its base does, with an eye on how much waits."""
        if message is None:
            return
        for queue in self._queues(message["channel"].decode()):
            queue.put_nowait(message["data"])
            if queue.qsize() > MOST:
                self._cut(queue)

    def _queues(self, name: str) -> Iterator["asyncio.Queue[bytes]"]:
        """Those of the group's channels, or of the one channel of that name."""
        for channel in self.channel_layer.groups.get(name, (name,)):
            if channel in self.channel_layer.channels:
                yield self.channel_layer.channels[channel]

    def _cut(self, queue: "asyncio.Queue[bytes]") -> None:
        """Put a refetch in place of the events; what ends a right stays."""
        waiting = [queue.get_nowait() for _ in range(queue.qsize())]
        for each in waiting:
            if self.layer.deserialize(each)["type"] not in (EVENT, REFETCH["type"]):
                queue.put_nowait(each)
        queue.put_nowait(self.layer.serialize(REFETCH))


class HealingLoopLayer(RedisPubSubLoopLayer):
    """The layer of one event loop."""

    def __init__(self, *, hosts: list[Any], **options: Any) -> None:
        super().__init__(hosts=hosts, **options)
        self._shards = [HealingShard(host, self) for host in decode_hosts(hosts)]

    async def _subscribe_to_channel(self, channel: str) -> None:
        """As its base does; a channel that never came to be keeps no queue."""
        try:
            await super()._subscribe_to_channel(channel)
        except BaseException:
            self.channels.pop(channel, None)
            raise


class HealingLayer(RedisPubSubChannelLayer):
    """`RedisPubSubChannelLayer` whose links heal aloud; see the module."""

    def _get_layer(self) -> HealingLoopLayer:
        loop = asyncio.get_running_loop()
        layer: HealingLoopLayer | None = self._layers.get(loop)
        if layer is None:
            layer = HealingLoopLayer(**self._kwargs, channel_layer=self)
            self._layers[loop] = layer
            _wrap_close(self, loop)
        return layer
