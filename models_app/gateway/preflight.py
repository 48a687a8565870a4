"""What a browser asks before a script of another page calls: whether it may at all."""

import time
from dataclasses import dataclass
from typing import Final

from django.utils import timezone
from starlette.datastructures import Headers
from starlette.responses import Response

from dashboard.errors import OriginRefused
from dashboard.live.db import in_db
from models_app.gateway.refusals import Refusal
from models_app.models import ApiKey

SECONDS: Final = 0.8
"""How long it is known which pages keys name: whoever asks has no key to be told by."""
ASKED: Final = "access-control-request-method"
METHODS: Final = "GET, POST, DELETE"
LONGEST: Final = "600"
"""Seconds for which a browser need not ask again."""


@dataclass(slots=True)
class _Kept:
    origins: frozenset[str] = frozenset()
    until: float = 0.0


_kept = _Kept()


def is_preflight(method: str, headers: Headers) -> bool:
    return method == "OPTIONS" and ASKED in headers


async def preflight(origin: str, headers: Headers) -> Response:
    """Yes to the pages that some key names: which key it is, the call itself will show."""
    if origin not in await _named_origins():
        return Refusal(OriginRefused(origin=origin))
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": headers.get(
                "access-control-request-headers", ""
            ),
            "Access-Control-Max-Age": LONGEST,
            "Vary": "origin",
        },
    )


def forget_origins() -> None:
    """Read them anew."""
    _kept.until = 0.0


async def _named_origins() -> frozenset[str]:
    """As they were read a moment ago; then the database's thread is left alone."""
    if time.monotonic() < _kept.until:
        return _kept.origins
    return await in_db(_read_origins)()


def _read_origins() -> frozenset[str]:
    """Those who waited for the thread meanwhile read nothing."""
    now = time.monotonic()
    if now >= _kept.until:
        keys = ApiKey.objects.live(timezone.now()).exclude(origins=[])
        lists = keys.values_list("origins", flat=True)
        _kept.origins = frozenset(origin for names in lists for origin in names)
        _kept.until = now + SECONDS
    return _kept.origins
