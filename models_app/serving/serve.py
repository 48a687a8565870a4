"""Answering an ask: the same call for chat, API, batches and benchmarks."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from dashboard.errors import BackendBroken, BackendError, KeyUnreadable
from dashboard.live.db import in_db
from models_app.adapters import adapter_for
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import ChatRequest, Chunk, Finish, Verbatim
from models_app.serving.admission import Admission, admitted
from models_app.serving.ask import Ask, Step
from models_app.serving.clients import client_for
from models_app.serving.loading import watched
from models_app.serving.outcomes import note_outcome
from models_app.serving.patience import Recall, patiently, to_first
from models_app.serving.record import Record
from models_app.serving.route import Route
from models_app.serving.stay import Stay


async def serve(
    ask: Ask, admission: Admission | None = None
) -> AsyncGenerator[Step, None]:
    """Yield `Queued` while others are before it, `Begun`, what the server does until it
    writes, then reasoning, text and calls as they come, and one `Done`.

    Raises a `DashboardError` instead of `Done`. A server that fails before its first token
    is passed over for the next one that has the model, with another `Begun`. Leaving the
    generator (close it with `aclosing`) leaves the queue, or hangs up on the server, which
    frees its GPU. However it ends, the ledger gets one row of it. `admission` is
    what `admitted` has said, where it was asked already.
    """
    record = Record(ask)
    if admission is None:
        admission = await in_db(admitted)(ask)
    async with Stay(record, admission) as stay:
        while True:
            async with aclosing(stay.waited()) as standings:
                async for queued in standings:
                    yield queued
            try:
                async with aclosing(_served(stay)) as steps:
                    async for step in steps:
                        yield step
                return
            except (BackendError, KeyUnreadable) as failure:
                if not await stay.pass_over(failure):
                    raise


async def _served(stay: Stay) -> AsyncGenerator[Step, None]:
    """The steps of one server; how it went is noted, for health and for routing."""
    chosen, begun = stay.begin()
    yield begun
    record = stay.record
    try:
        async with aclosing(_chunks(record.ask, chosen, stay.recall)) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Finish):
                    note_outcome(chosen.backend)
                    yield record.finish(chunk)
                    return
                stay.hear(chunk)
                yield chunk
        raise BackendBroken(server=chosen.server, detail="no end")
    except BackendError as failure:
        if failure is not stay.recall.failure:
            note_outcome(chosen.backend, failure)
        raise


def _chunks(ask: Ask, chosen: Route, recall: Recall) -> AsyncGenerator[Chunk, None]:
    adapter = adapter_for(chosen.kind, client_for(chosen), server=chosen.server)
    request = _request(ask, chosen)
    chunks = patiently(
        _answer(adapter, request),
        server=chosen.server,
        first=to_first(ask, request, chosen.first_token_seconds),
        between=chosen.silence_seconds,
        recall=recall,
    )
    return watched(chunks, route=chosen, loaded=chosen.loaded)


def _answer(
    adapter: Adapter, request: ChatRequest | Verbatim
) -> AsyncGenerator[Chunk, None]:
    if isinstance(request, Verbatim):
        return adapter.passed(request)
    return adapter.chat(request)


def _request(ask: Ask, chosen: Route) -> ChatRequest | Verbatim:
    if ask.worded is not None:
        return ask.worded(chosen.kind, chosen.model)
    return ChatRequest(
        model=chosen.model,
        messages=ask.messages,
        parameters=ask.parameters,
        go_on=ask.go_on,
    )
