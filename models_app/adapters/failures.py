"""What goes wrong with a model server, told as our errors: the one place for that."""

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

import httpx

from dashboard.errors import (
    BackendBroken,
    BackendBusy,
    BackendLocked,
    BackendRefused,
    BackendUnreachable,
    ModelGone,
    NoModelServer,
    PromptTooLong,
    gettext_noop,
)
from models_app.adapters.lines import Garbled, Replaced
from models_app.adapters.words import LONGEST_PAGE, error_text, one_line


class Trouble(StrEnum):
    """Why no answer came, in a few plain words."""

    NOT_TRUSTED = gettext_noop("TLS: certificate not trusted")
    NO_TLS = gettext_noop("TLS: the handshake failed")
    NO_NAME = gettext_noop("name not found")
    REFUSED = gettext_noop("connection refused")
    CUT = gettext_noop("connection cut")
    SLOW = gettext_noop("no answer in time")
    NO_ROUTE = gettext_noop("no route to that address")
    NO_HTTP = gettext_noop("it does not speak HTTP")
    HUNG_UP = gettext_noop("it hung up")


TROUBLES: tuple[tuple[type[BaseException], Trouble], ...] = (
    (ssl.SSLCertVerificationError, Trouble.NOT_TRUSTED),
    (ssl.SSLError, Trouble.NO_TLS),
    (socket.gaierror, Trouble.NO_NAME),
    (UnicodeError, Trouble.NO_NAME),
    (ConnectionRefusedError, Trouble.REFUSED),
    (ConnectionError, Trouble.CUT),
    (TimeoutError, Trouble.SLOW),
)
NUMBERS = {
    errno.ECONNREFUSED: Trouble.REFUSED,
    errno.EHOSTUNREACH: Trouble.NO_ROUTE,
    errno.ENETUNREACH: Trouble.NO_ROUTE,
}
GONE = re.compile(
    r"model\b.*\b(not found|does not exist|is not loaded)|no models? loaded"
    r"|model_not_found",
    re.IGNORECASE | re.DOTALL,
)
"""How servers say that they lack a model: Ollama, llama.cpp's router, vLLM, LM Studio."""
ABROAD = re.compile(r"cloud is disabled|signin_url", re.IGNORECASE)
"""Ollama cannot pass the question on to where the model runs: no key of ours helps."""
TOO_LONG = re.compile(
    r"maximum context length|exceed_context_size|exceeds? the .*context"
    r"|context (size|length|window) (is )?exceeded",
    re.IGNORECASE,
)
LIMIT_TOO_LARGE = re.compile(r"\"param\": ?\"max_tokens\"", re.IGNORECASE)
"""vLLM names the context here as well; the prompt would fit."""
BUSY = (408, 425, 429, 503)


@contextmanager
def backend_errors(server: str) -> Iterator[None]:
    """Turn each failure to get an answer from a server into a `BackendError`."""
    try:
        yield
    except httpx.HTTPStatusError as refusal:
        response = refusal.response
        raise kind_of_refusal(response)(
            server=server, upstream=response.status_code, detail=error_text(response)
        ) from refusal
    except Replaced as other:
        detail = one_line(f"it would answer with {other} in its place")
        raise ModelGone(server=server, upstream=404, detail=detail) from other
    except Garbled as nonsense:
        raise BackendBroken(server=server, detail=one_line(str(nonsense))) from nonsense
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        raise BackendUnreachable(server=server, detail=trouble(failure)) from failure


def kind_of_refusal(response: httpx.Response) -> type[BackendRefused]:
    """What a person can do about it: each kind has another way out."""
    status, text = response.status_code, response.text[:LONGEST_PAGE]
    if response.is_success and is_page(response):
        return NoModelServer
    if _locked(status, text):
        return BackendLocked
    if status in BUSY:
        return BackendBusy
    if TOO_LONG.search(text) and not LIMIT_TOO_LARGE.search(text):
        return PromptTooLong
    return ModelGone if GONE.search(text) else BackendRefused


def _locked(status: int, text: str) -> bool:
    """Ollama's 403 without a word is about names in headers, not about keys."""
    barred = status == 401 or (status == 403 and bool(text))
    return barred and not ABROAD.search(text)


def is_page(response: httpx.Response) -> bool:
    """Whether this is meant for a browser."""
    kind = str(response.headers.get("content-type", ""))
    return kind.startswith(("text/html", "application/xhtml"))


def trouble(failure: BaseException) -> Trouble:
    """Why a server gave no answer."""
    for cause in _causes(failure):
        for kind, words in TROUBLES:
            if isinstance(cause, kind):
                return words
        if isinstance(cause, OSError) and cause.errno in NUMBERS:
            return NUMBERS[cause.errno]
    if isinstance(failure, httpx.RemoteProtocolError | httpx.DecodingError):
        return Trouble.NO_HTTP
    if isinstance(failure, httpx.TimeoutException) and failure.__cause__ is None:
        return Trouble.SLOW
    return Trouble.HUNG_UP


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """The failure and what lies under it, the deepest first."""
    if under := failure.__cause__ or failure.__context__:
        yield from _causes(under)
    yield failure
