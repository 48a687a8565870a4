"""The fake server asked directly: what Paddock is measured against."""

import json
import time
from collections.abc import Mapping
from typing import Any

import aiohttp

from bench.fake_server import MODEL
from bench.numbered import asked, fault_in, numbers_in
from bench.streams import Stream, Wrong

CONTENT = b'"content"'
PATH = "/v1/chat/completions"


async def ask(
    http: aiohttp.ClientSession,
    url: str,
    text: str,
    *,
    headers: Mapping[str, str] | None = None,
) -> Stream:
    """Ask for a reply and read it to its end."""
    asked_at = time.perf_counter()
    pieces = []
    async with await begun(http, url, text, headers) as response:
        async for piece in response.content.iter_any():
            pieces.append((time.perf_counter(), piece))
    return _stream(asked_at, pieces, count=asked(text)[0])


async def begun(
    http: aiohttp.ClientSession,
    url: str,
    text: str,
    headers: Mapping[str, str] | None = None,
) -> aiohttp.ClientResponse:
    """A reply that streams, not yet read."""
    response = await http.post(
        f"{url}{PATH}", json=_body(text) | {"stream": True}, headers=headers
    )
    if response.status != 200:
        raise Wrong(f"Refused: {response.status} {await response.text()}")
    return response


async def whole(
    http: aiohttp.ClientSession, url: str, text: str, headers: Mapping[str, str]
) -> None:
    """Ask for a reply all at once."""
    async with http.post(f"{url}{PATH}", json=_body(text), headers=headers) as response:
        told = await response.json()
        if response.status != 200 or not told["choices"][0]["message"]["content"]:
            raise Wrong(f"Refused: {response.status} {told}")


def _body(text: str) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": text}]}


def _stream(
    asked_at: float, pieces: list[tuple[float, bytes]], *, count: int
) -> Stream:
    whole = b"".join(piece for _, piece in pieces)
    numbers = numbers_in("".join(map(_said, whole.split(b"\n\n"))))
    if fault := fault_in(numbers, count):
        raise Wrong(f"Asked directly: {fault}.")
    arrivals = [(at, piece.count(CONTENT)) for at, piece in pieces]
    return Stream(asked_at, arrivals, len(whole))


def _said(event: bytes) -> str:
    line = event.removeprefix(b"data: ")
    if not line.startswith(b"{"):
        return ""
    choices: list[dict[str, Any]] = json.loads(line)["choices"]
    return "".join(choice["delta"].get("content", "") for choice in choices)
