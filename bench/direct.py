"""The fake server asked directly: what Paddock is measured against."""

import json
import time
from typing import Any

import aiohttp

from bench.fake_server import MODEL
from bench.numbered import asked, fault_in, numbers_in
from bench.streams import Stream, Wrong

CONTENT = b'"content"'


async def ask(http: aiohttp.ClientSession, url: str, text: str) -> Stream:
    """Ask for a reply and read it to its end."""
    body = {"model": MODEL, "messages": [{"role": "user", "content": text}]}
    asked_at = time.perf_counter()
    pieces = []
    async with http.post(
        f"{url}/v1/chat/completions", json=body | {"stream": True}
    ) as response:
        async for piece in response.content.iter_any():
            pieces.append((time.perf_counter(), piece))
    return _stream(asked_at, pieces, count=asked(text)[0])


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
