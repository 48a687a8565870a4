"""Where a page's socket comes in: without Redis or the database it is asked to try later."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from redis.exceptions import RedisError

from dashboard.live.consumer import TRY_LATER
from dashboard.live.db import AWAY

log = logging.getLogger(__name__)

Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Any, Send], Awaitable[None]]


def at_the_door(inner: Application) -> Application:
    """The application, which closes a socket that it cannot let in with `TRY_LATER`."""

    async def door(scope: Any, receive: Any, send: Send) -> None:
        let_in = False

        async def noted(message: Any) -> None:
            nonlocal let_in
            let_in = True
            await send(message)

        try:
            await inner(scope, receive, noted)
        except (RedisError, OSError, *AWAY) as failure:
            if let_in:
                raise
            log.warning("A page is asked to try later: %s", failure)
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": TRY_LATER})

    return door
