"""Failures in OpenAI's shape: what its SDKs make exceptions of."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from starlette.responses import Response

from dashboard.errors import BackendRefused, DashboardError
from models_app.gateway.requests import UNKEPT

TOO_LONG: Final = "context_length_exceeded"
CODES: Final[Mapping[str, str]] = {
    "prompt_too_long": TOO_LONG,
    "quota_spent": "rate_limit_exceeded",
    "requests_spent": "rate_limit_exceeded",
    "key_requests_spent": "rate_limit_exceeded",
    "places_spent": "rate_limit_exceeded",
    "tokens_spent": "insufficient_quota",
    "gpu_time_spent": "insufficient_quota",
    "nothing_to_answer": "model_not_found",
}
"""Ours, and what OpenAI calls the same; SDKs and libraries look for these."""
OTHERWISE: Final[Mapping[str, str]] = {
    # Nothing is kept of what a program was told,
    "backend_broken": "%(server)s broke off: %(detail)s. Ask again.",
    # who ended it is told as people are told it,
    "ended_by_admin": "This was stopped on %(server)s by %(name)s, an administrator.",
    # and a program reads this at once, where a page stays.
    "requests_spent": (
        "You may ask %(limit)s times a minute, and have. Ask again in %(seconds)s s."
    ),
    "key_requests_spent": (
        "This key may ask %(limit)s times a minute, and has. Ask again in %(seconds)s s."
    ),
}
"""What programs are told in other words than people."""
STATUSES: Final[Mapping[str, int]] = {
    "prompt_too_long": 400,
    "nothing_to_answer": 404,
    # SDKs ask again after a conflict.
    "ended_by_admin": 403,
}
TYPES: Final[Mapping[int, str]] = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}
TASTE: Final = (400, 404, 405, 415, 422, 501)
"""With these a server says that it does not do this, or not so."""
RETRY: Final = 5
"""Seconds after which it is worth asking a busy server again."""


class Refusal(Response):
    """One failure as the whole answer."""

    media_type = "application/json"

    def __init__(self, failure: DashboardError) -> None:
        super().__init__(
            msgspec.json.encode(as_openai(failure)),
            status_code=status_of(failure),
            headers=headers_of(failure),
        )


def as_openai(failure: DashboardError) -> dict[str, Any]:
    """The body of an error, also of one in the middle of a stream."""
    status = status_of(failure)
    fallback = "server_error" if status >= 500 else "invalid_request_error"
    return {
        "error": {
            "message": words_for(failure),
            "type": TYPES.get(status, fallback),
            "param": failure.facts.get("param"),
            "code": CODES.get(failure.code, failure.code),
        }
    }


def words_for(failure: DashboardError, own: Mapping[str, str] = OTHERWISE) -> str:
    """A whole English sentence; of a chat's sentences those that hold for programs."""
    return own.get(failure.code, failure.sentence) % failure.facts


def status_of(failure: DashboardError) -> int:
    """What a server calls wrong with the request is the caller's to mend."""
    if type(failure) is BackendRefused and failure.facts.get("upstream") in TASTE:
        return 400
    return STATUSES.get(failure.code, failure.status)


def headers_of(failure: DashboardError) -> dict[str, str]:
    """When to ask again, how to say who one is, or by which methods to ask."""
    status = status_of(failure)
    after = failure.facts.get("retry_after")
    if after is None and status == 503:
        after = RETRY
    told = dict(UNKEPT)
    if after is not None:
        told["Retry-After"] = str(after)
    if status == 401:
        told["WWW-Authenticate"] = "Bearer"
    if allowed := failure.facts.get("allowed"):
        told["Allow"] = str(allowed)
    return told
