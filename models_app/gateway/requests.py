"""What a program sent: its key, its body, and where it came from."""

from typing import Any, Final

import msgspec
from django.conf import settings
from starlette.requests import Request

from dashboard.errors import BodyTooLarge, BodyUnreadable

MEGABYTE: Final = 1_000_000
JSON: Final = "application/json"
UNKEPT: Final = {"Cache-Control": "no-store"}
BEARER: Final = "bearer "
MOST_VALUES: Final = 2_000_000
"""In one request: what is parsed takes thirty times the memory of such a text."""


def secret_in(request: Request) -> str:
    """The key, from the address or from a header; "" without any.

    Programs whose address has one may send a made-up one as well, since they must.
    """
    if in_address := request.path_params.get("secret"):
        return str(in_address).strip()
    told = request.headers.get("authorization", "")
    if told[: len(BEARER)].casefold() == BEARER:
        return told[len(BEARER) :].strip()
    return request.headers.get("x-api-key", "").strip()


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent; `BodyTooLarge` or `BodyUnreadable`."""
    if request.headers.get("origin") and not _says_json(request):
        raise BodyUnreadable(detail=f"its Content-Type must be {JSON}")
    try:
        content = await _content(request)
        if content.count(b",") > MOST_VALUES:
            raise BodyUnreadable(detail="it has too many values")
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as nonsense:
        raise BodyUnreadable(detail=str(nonsense)) from nonsense
    if not isinstance(body, dict):
        raise BodyUnreadable(detail="it is something else")
    return body


async def _content(request: Request) -> bytes:
    most = settings.API_BODY_MB * MEGABYTE
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            raise BodyTooLarge(most=settings.API_BODY_MB)
        pieces.append(piece)
    return b"".join(pieces)


def _says_json(request: Request) -> bool:
    """Scripts of web pages may send anything else to anybody, unasked."""
    kind = request.headers.get("content-type", "")
    return kind.partition(";")[0].strip().casefold() == JSON
