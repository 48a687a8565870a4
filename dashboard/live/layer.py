"""The channel layer: Redis pub/sub that says when it lost messages and came back.

Pub/sub forgets what is sent while Redis is away. When the link returns, every socket of
this process is told to refetch, so that no page shows a gap.
"""

import logging
from collections.abc import Callable
from typing import Any

from channels_redis.pubsub import (
    RedisPubSubChannelLayer,
    RedisPubSubLoopLayer,
    RedisSingleShardConnection,
)
from channels_redis.utils import decode_hosts
from redis.asyncio.client import PubSub

log = logging.getLogger(__name__)

REFETCH = {"type": "live.refetch"}


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
        refetch = self.channel_layer.channel_layer.serialize(REFETCH)
        for queue in self.channel_layer.channels.values():
            queue.put_nowait(refetch)


class HealingLayer(RedisPubSubChannelLayer):
    """`RedisPubSubChannelLayer` whose links heal aloud; see the module."""

    def _get_layer(self) -> RedisPubSubLoopLayer:
        layer = super()._get_layer()
        if not isinstance(layer._shards[0], HealingShard):
            hosts = decode_hosts(self._kwargs["hosts"])
            layer._shards = [HealingShard(host, layer) for host in hosts]
        return layer
