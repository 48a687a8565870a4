"""A relay that does nothing else: what any gateway in Python costs on this machine, today.

No key, no queue, no ledger, no look at what passes. Run by `bench.gateway`, behind the same
web servers as Paddock; the address that it passes questions on to is in BARE_UPSTREAM.
"""

import os
from collections.abc import MutableMapping
from functools import cache
from typing import Any

import httpx

from models_app.adapters.client import open_client

PATH = "/v1/chat/completions"
STREAM = [(b"content-type", b"text/event-stream")]


@cache
def upstream() -> httpx.AsyncClient:
    return open_client(os.environ["BARE_UPSTREAM"])


async def application(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    async with upstream().stream("POST", PATH, content=body) as answer:
        await send({"type": "http.response.start", "status": 200, "headers": STREAM})
        async for piece in answer.aiter_raw():
            part = {"type": "http.response.body", "body": piece, "more_body": True}
            await send(part)
    await send({"type": "http.response.body", "body": b""})
