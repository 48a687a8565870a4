"""Answering an ask: the same call for chat, API, batches and benchmarks."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from dashboard.errors import (
    BackendBroken,
    BackendError,
    KeyUnreadable,
    PromptTooLong,
)
from dashboard.live.db import in_db
from models_app.adapters import adapter_for
from models_app.adapters.base import ChatRequest, Chunk, Finish
from models_app.serving.ask import Ask, Begun, Done, Step
from models_app.serving.clients import client_for
from models_app.serving.outcomes import note_outcome
from models_app.serving.patience import patiently
from models_app.serving.route import Route, routes


async def serve(ask: Ask) -> AsyncGenerator[Step, None]:
    """Yield `Begun`, then reasoning, text and calls as they come, then one `Done`.

    Raises a `BackendError` instead of `Done`. A server that fails before its first token
    is passed over for the next one that has the model, with another `Begun`. Leaving the
    generator (close it with `aclosing`) hangs up on the server, which frees its GPU.
    """
    began = time.perf_counter()
    candidates = await in_db(routes)(ask)
    for chosen in candidates:
        said = False
        try:
            async with aclosing(_served(ask, chosen, began=began)) as steps:
                async for step in steps:
                    yield step
                    said |= not isinstance(step, Begun)
        except (BackendError, KeyUnreadable) as failure:
            # Where this prompt is too long for one window, it was made for no other.
            final = said or isinstance(failure, PromptTooLong)
            if final or chosen is candidates[-1]:
                raise
        else:
            return


async def _served(
    ask: Ask, chosen: Route, *, began: float
) -> AsyncGenerator[Step, None]:
    """The steps of one server; how it went is noted, for health and for routing."""
    yield Begun(server=chosen.server, kind=chosen.kind)
    try:
        async with aclosing(_chunks(ask, chosen)) as chunks:
            first: int | None = None
            async for chunk in chunks:
                if isinstance(chunk, Finish):
                    note_outcome(chosen.backend)
                    yield _done(chunk, first=first, began=began)
                    return
                if first is None:
                    first = _since(began)
                yield chunk
        raise BackendBroken(server=chosen.server, detail="no end")
    except BackendError as failure:
        note_outcome(chosen.backend, failure)
        raise


def _chunks(ask: Ask, chosen: Route) -> AsyncGenerator[Chunk, None]:
    adapter = adapter_for(chosen.kind, client_for(chosen), server=chosen.server)
    request = ChatRequest(
        model=chosen.model,
        messages=ask.messages,
        parameters=ask.parameters,
        go_on=ask.go_on,
    )
    return patiently(
        adapter.chat(request),
        server=chosen.server,
        first=chosen.first_token_seconds,
        between=chosen.silence_seconds,
    )


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
