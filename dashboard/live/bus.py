"""The way an event takes from the code that made it to the sockets that show it.

Both ways lose an event, with a line in the log, when Redis is away: a page that misses
one refetches, and no generation or form ever fails for it.
"""

import functools
import logging

import redis
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from dashboard.live.events import Event

log = logging.getLogger(__name__)

Envelope = dict[str, str]


def publish(*events: Event) -> None:
    """Tell each event's audience, in order, once the transaction is in; never raises."""
    transaction.on_commit(functools.partial(tell, *events))


async def emit(event: Event) -> None:
    """Tell the event's audience now, from async code; never raises."""
    try:
        await get_channel_layer().group_send(event.group, envelope(event))
    except (redis.RedisError, OSError) as failure:
        log.warning("%s was not sent: %s", event.kind, failure)


def envelope(event: Event) -> Envelope:
    """The event as the channel layer carries it."""
    return {"type": event.handler, "group": event.group, "frame": event.frame()}


@functools.cache
def link() -> redis.Redis:
    """This process's link to Redis from sync code; it gives up after a second."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=1,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 1),
    )


def tell(*events: Event) -> None:
    """Tell each event's audience at once, whether there is a database or not; for what is
    no change of a row. Never raises."""
    # Sync code has no loop of its own, and borrowing one costs more than the message:
    # this is what RedisPubSubChannelLayer.group_send puts on the wire.
    layer = get_channel_layer()
    with link().pipeline(transaction=False) as together:
        for event in events:
            channel = f"{settings.LAYER_PREFIX}__group__{event.group}"
            together.publish(channel, layer.serialize(envelope(event)))
        try:
            together.execute()
        except (redis.RedisError, OSError) as failure:
            kinds = ", ".join(event.kind for event in events)
            log.warning("%s was not sent: %s", kinds, failure)
