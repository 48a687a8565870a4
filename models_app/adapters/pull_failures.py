"""What servers say of a pull that failed, told as our errors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from dashboard.errors import (
    BackendError,
    DiskFull,
    NothingToPull,
    PullError,
    ServerTooOld,
    SourceRefused,
    SourceUnreachable,
    WrongBytes,
)
from models_app.adapters.base import NewModel
from models_app.adapters.failures import GONE, backend_errors, is_page
from models_app.adapters.words import LONGEST_PAGE, one_line, words_in


class PullFailed(Exception):
    """A server says that it failed; its words."""


KNOWN: tuple[tuple[re.Pattern[str], type[PullError]], ...] = (
    (re.compile(r"no space left on device|not enough space on the disk"), DiskFull),
    (re.compile(r"digest mismatch"), WrongBytes),
    (re.compile(r"manifest: 412\b"), ServerTooOld),
    (
        re.compile(r"manifest: (file does not exist|404\b)|model validation failed"),
        NothingToPull,
    ),
    (
        re.compile(r"manifest: (400|401|403|429)\b|realm host|unauthorized"),
        SourceRefused,
    ),
    (
        re.compile(
            r"dial tcp|no such host|connection (refused|reset)|i/o timeout"
            r"|max retries exceeded|manifest: 5\d\d\b|\bEOF\b|TLS handshake|x509:"
        ),
        SourceUnreachable,
    ),
    (GONE, NothingToPull),
)
"""The first that fits: Ollama's words, in which Go's and the registry's are wrapped."""
OF_PROXIES = (401, 403, 429, 502, 503, 504)
WRAPPED = re.compile(r"^pull model manifest: (\d{3}: )?")


def known_failure(told: str, *, server: str, name: str) -> PullError | None:
    """The error of ours that a server's words mean; None for words never heard before."""
    for pattern, error in KNOWN:
        if pattern.search(told):
            return error(server=server, name=name, detail=plain(told))
    return None


def plain(told: str) -> str:
    """The innermost words, out of what the server and the registry put around them."""
    return one_line(words_in(WRAPPED.sub("", words_in(told))))


@contextmanager
def pull_errors(server: str, name: str) -> Iterator[None]:
    """Turn each failure of a pull into a `PullError`, or else a `BackendError`."""
    try:
        with _known_errors(server, name):
            yield
    except PullFailed as failed:
        raise PullError(name=name, detail=plain(str(failed))) from failed


@contextmanager
def create_errors(server: str, model: NewModel) -> Iterator[None]:
    """The same for a model that is made: what is pulled for it is its base."""
    try:
        with _known_errors(server, model.base):
            yield
    except PullFailed as failed:
        raise BackendError(server=server, detail=plain(str(failed))) from failed


@contextmanager
def _known_errors(server: str, name: str) -> Iterator[None]:
    with backend_errors(server):
        try:
            yield
        except PullFailed as failed:
            if known := known_failure(str(failed), server=server, name=name):
                raise known from failed
            raise
        except httpx.HTTPStatusError as refused:
            told = _own_words(refused.response)
            if known := known_failure(told, server=server, name=name):
                raise known from refused
            raise


def _own_words(response: httpx.Response) -> str:
    """What the server says; nothing where a proxy before it or a web page speaks."""
    proxy = response.status_code in OF_PROXIES or is_page(response)
    return "" if proxy else response.text[:LONGEST_PAGE]
