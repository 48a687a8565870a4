"""A question and its answer passed on in a dialect that the server speaks itself."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

import httpx
import msgspec

from dashboard.errors import BackendBroken
from models_app.adapters.base import Chunk, Finish, Form, Piece, Usage, Verbatim
from models_app.adapters.failures import backend_errors, trouble
from models_app.adapters.fetch import answered, reading
from models_app.adapters.lines import Garbled
from models_app.adapters.manners import keep_manners, manners_of
from models_app.adapters.ollama_stream import usage_of as usage_of_lines
from models_app.adapters.openai_stream import usage_of
from models_app.adapters.pacing import paced
from models_app.adapters.stream import (
    NONSENSE,
    SENSELESS,
    let_end,
    post,
    refusal,
    started,
)
from models_app.adapters.taps import EventTap, LineTap, Tap, openai_names

TAPS: Final[Mapping[Form, Callable[[Verbatim], Tap]]] = {
    Form.EVENTS: lambda request: EventTap(hides_usage=request.hides_usage),
    Form.LINES: lambda request: LineTap(),
}
NO_STREAM: Final = ("text/html",)
JSON: Final = "application/json"
LARGEST: Final = 512 * 1024 * 1024
"""Bytes of a whole answer: vectors of thousands of texts come at once."""


def passed_on(
    client: httpx.AsyncClient, server: str, request: Verbatim, *, keep: bool
) -> AsyncGenerator[Chunk, None]:
    """The answer's own bytes, then a `Finish` with what it cost; or a `BackendError`."""
    if request.form is Form.WHOLE:
        return _whole(client, server, request, keep=keep)
    return _stream(client, server, request, keep=keep)


async def _whole(
    client: httpx.AsyncClient, server: str, request: Verbatim, *, keep: bool
) -> AsyncGenerator[Chunk, None]:
    with backend_errors(server):
        asked = post(client, request.path, _written(request.body), keep=keep)
        response = await answered(client, asked, seconds=None, largest=LARGEST)
        if not response.is_success or not _is_json(response):
            raise refusal(response)
        # Before it goes out: what makes no sense is nobody's answer.
        usage = _usage_in(response.content)
        yield Piece(response.content, streamed=False)
        yield Finish("", usage)


async def _stream(
    client: httpx.AsyncClient, server: str, request: Verbatim, *, keep: bool
) -> AsyncGenerator[Chunk, None]:
    tap = TAPS[request.form](request)
    # What refuses a stream answers with a page, or in JSON where events were asked for.
    no_stream = NO_STREAM if request.form is Form.LINES else (*NO_STREAM, JSON)
    with backend_errors(server):
        answer = await _begun(client, request, no_stream=no_stream, keep=keep)
        async with aclosing(answer) as begun:
            next_bytes = reading(begun)
            read = paced(next_bytes)
            while not tap.whole:
                try:
                    piece = await read()
                except httpx.RequestError as cut:
                    if not _ended(tap):
                        broken = BackendBroken(server=server, detail=trouble(cut))
                        raise broken from cut
                    break
                if content := _through(tap, piece):
                    yield Piece(content)
                if not piece and not tap.whole:
                    raise Garbled("the stream ended early")
            await let_end(next_bytes)
            yield Finish("", tap.usage)


async def _begun(
    client: httpx.AsyncClient,
    request: Verbatim,
    *,
    no_stream: tuple[str, ...],
    keep: bool,
) -> httpx.Response:
    """The answer, not yet read; a stranger that does not take what only we want to know is
    asked again without it."""
    manners = manners_of(client)
    while True:
        body = request.body if manners.counts else _uncounted(request)
        asked = post(client, request.path, _written(body), keep=keep)
        try:
            answer = await started(client, asked, no_stream=no_stream)
        except httpx.HTTPStatusError as refused:
            manners = manners.taught_by(refused.response)
            if manners.counts or body == _uncounted(request):
                raise
        else:
            # Others may have learned something else of it meanwhile.
            if not manners.counts:
                keep_manners(client, replace(manners_of(client), counts=False))
            return answer


def _uncounted(request: Verbatim) -> Mapping[str, Any]:
    """The words without the question for the tokens, where only we have asked it."""
    options = request.body.get("stream_options")
    if not options or not request.hides_usage:
        return request.body
    left = {name: value for name, value in options.items() if name != "include_usage"}
    rest = {
        name: each for name, each in request.body.items() if name != "stream_options"
    }
    return {**rest, "stream_options": left} if left else rest


def _through(tap: Tap, piece: bytes) -> bytes:
    try:
        return tap.feed(piece) if piece else tap.end()
    except NONSENSE as nonsense:
        raise Garbled(SENSELESS) from nonsense


def _ended(tap: Tap) -> bool:
    """Whether what came is a whole answer; what was cut in the middle of an event is none."""
    try:
        tap.end()
    except (Garbled, *NONSENSE):
        return False
    return tap.whole


def _written(body: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(body)


def _is_json(response: httpx.Response) -> bool:
    return str(response.headers.get("content-type", "")).startswith(JSON)


def _usage_in(content: bytes) -> Usage:
    """What a whole answer says of its cost, in either dialect."""
    try:
        said = msgspec.json.decode(content)
        if told := said.get("usage"):
            return usage_of(openai_names(told), said.get("timings") or {})
        return usage_of_lines(said)
    except NONSENSE as nonsense:
        raise Garbled(SENSELESS) from nonsense
