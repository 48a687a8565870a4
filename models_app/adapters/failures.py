"""What goes wrong with a model server, told as our errors: the one place for that."""

import errno
import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from dashboard.errors import BackendBroken, BackendRefused, BackendUnreachable
from models_app.adapters.lines import Garbled, storable

LONGEST_DETAIL = 200
LONGEST_PAGE = 4000

REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "TLS: certificate not trusted"),
    (ssl.SSLError, "TLS: the handshake failed"),
    (socket.gaierror, "name not found"),
    (UnicodeError, "name not found"),
    (ConnectionRefusedError, "connection refused"),
    (ConnectionError, "connection cut"),
    (TimeoutError, "no answer in time"),
)
NUMBERS = {
    errno.ECONNREFUSED: "connection refused",
    errno.EHOSTUNREACH: "no route to that address",
    errno.ENETUNREACH: "no route to that network",
}
WITHOUT_WORDS = {
    200: "its answer is none that a model server gives",
    401: "it wants a key",
    403: (
        "no reason given; Ollama answers so when a proxy before it passes on a Host "
        "or an Origin that it does not know"
    ),
}


@contextmanager
def backend_errors(server: str) -> Iterator[None]:
    """Turn each failure to get an answer from a server into a `BackendError`."""
    try:
        yield
    except httpx.HTTPStatusError as refusal:
        response = refusal.response
        raise BackendRefused(
            server=server, upstream=response.status_code, detail=error_text(response)
        ) from refusal
    except Garbled as nonsense:
        raise BackendBroken(server=server, detail=one_line(str(nonsense))) from nonsense
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        raise BackendUnreachable(server=server, detail=reason(failure)) from failure


def reason(failure: BaseException) -> str:
    """Why a server gave no answer, in a few plain words."""
    for cause in _causes(failure):
        for kind, words in REASONS:
            if isinstance(cause, kind):
                return words
        if isinstance(cause, OSError) and cause.errno in NUMBERS:
            return NUMBERS[cause.errno]
    if isinstance(failure, httpx.RemoteProtocolError | httpx.DecodingError):
        return "it does not speak HTTP"
    if isinstance(failure, httpx.TimeoutException) and failure.__cause__ is None:
        return "no answer in time"
    return "it hung up"


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """The failure and what lies under it, the deepest first."""
    if under := failure.__cause__ or failure.__context__:
        yield from _causes(under)
    yield failure


def error_text(response: httpx.Response) -> str:
    """What a server said when it refused: its own words, on one line."""
    if response.has_redirect_location:
        return one_line(f"it points to {response.headers['location']}")
    words = words_in(_parsed(response.text))
    if not words and not response.is_success:
        words = _plain(response.text)
    fallback = WITHOUT_WORDS.get(response.status_code, "no reason given")
    return one_line(words) or fallback


def words_in(told: Any, *, depth: int = 6) -> str:
    """The sentence inside the shapes that servers wrap errors in, or nothing."""
    if isinstance(told, str):
        return (depth and words_in(_parsed(told), depth=depth - 1)) or told
    if isinstance(told, list):
        told = {"error": told[0]} if told else {}
    if not isinstance(told, dict) or not depth:
        return ""
    parts = (told.get(key) for key in ("error", "message", "detail", "msg"))
    return next(filter(None, (words_in(part, depth=depth - 1) for part in parts)), "")


def one_line(words: str) -> str:
    """Words fit to stand inside a sentence of ours."""
    return " ".join(storable(words).split())[:LONGEST_DETAIL].rstrip(". ")


def _parsed(text: str) -> Any:
    """The JSON object or list that a text is; None for all else."""
    try:
        return json.loads(text) if text.lstrip()[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        return None


def _plain(text: str) -> str:
    """The title of an HTML page, else the text without its tags."""
    text = text[:LONGEST_PAGE]
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.DOTALL | re.IGNORECASE)
    return title[1] if title else re.sub(r"<[^>]*>", " ", text)
