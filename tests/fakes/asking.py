"""Asking a server for a reply in tests, and what came of it."""

from contextlib import aclosing

from models_app.adapters import adapter_for
from models_app.adapters.base import (
    ChatMessage,
    ChatRequest,
    Chunk,
    Finish,
    ParameterValue,
    Reasoning,
    Text,
)
from models_app.adapters.client import open_client


def asking(text: str = "hello", **parameters: ParameterValue) -> ChatRequest:
    return ChatRequest("tiny", (ChatMessage("user", text),), parameters)


async def reply(
    kind: str,
    url: str,
    request: ChatRequest | None = None,
    *,
    into: list[Chunk] | None = None,
) -> list[Chunk]:
    """All chunks of one reply; `into` keeps those before a failure."""
    chunks = [] if into is None else into
    async with open_client(url) as client:
        adapter = adapter_for(kind, client, server="gpu-01")
        async with aclosing(adapter.chat(request or asking())) as stream:
            async for chunk in stream:
                chunks.append(chunk)
    return chunks


def text_in(chunks: list[Chunk]) -> str:
    return "".join(each.text for each in chunks if isinstance(each, Text))


def reasoning_in(chunks: list[Chunk]) -> str:
    return "".join(each.text for each in chunks if isinstance(each, Reasoning))


def finish_in(chunks: list[Chunk]) -> Finish:
    """The one `Finish`, which must come last."""
    (finish,) = (each for each in chunks if isinstance(each, Finish))
    assert chunks[-1] is finish
    return finish
