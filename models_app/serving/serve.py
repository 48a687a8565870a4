"""Answering an ask: the same call for chat, API, batches and benchmarks."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from dashboard.errors import BackendBroken
from dashboard.live.db import in_db
from models_app.adapters import adapter_for
from models_app.adapters.base import ChatRequest, Chunk, Finish
from models_app.serving.ask import Ask, Begun, Done, Step
from models_app.serving.clients import client_for
from models_app.serving.patience import patiently
from models_app.serving.route import Route, route


async def serve(ask: Ask) -> AsyncGenerator[Step, None]:
    """Yield `Begun`, then reasoning and text as they come, then one `Done`.

    Raises a `BackendError` instead of `Done`. Leaving the generator (close it with
    `aclosing`) hangs up on the server, which frees its GPU.
    """
    began = time.perf_counter()
    chosen = await in_db(route)(ask)
    yield Begun(server=chosen.server)
    async with aclosing(_chunks(ask, chosen)) as chunks:
        first: int | None = None
        async for chunk in chunks:
            if isinstance(chunk, Finish):
                yield _done(chunk, first=first, began=began)
                return
            if first is None:
                first = _since(began)
            yield chunk
    raise BackendBroken(server=chosen.server, detail="no end")


def _chunks(ask: Ask, chosen: Route) -> AsyncGenerator[Chunk, None]:
    adapter = adapter_for(chosen.kind, client_for(chosen), server=chosen.server)
    request = ChatRequest(
        model=ask.model,
        messages=ask.messages,
        parameters=ask.parameters,
        go_on=ask.go_on,
    )
    return patiently(adapter.chat(request), server=chosen.server)


def _done(finish: Finish, *, first: int | None, began: float) -> Done:
    return Done(
        reason=finish.reason,
        usage=finish.usage,
        first_token_ms=first,
        total_ms=_since(began),
        thought=finish.thought,
    )


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
