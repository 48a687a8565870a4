"""Which kind of server is behind an address: what was asked, and what came back."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import httpx

from dashboard.errors import (
    BackendError,
    BackendLocked,
    BackendRefused,
    BackendUnreachable,
    NoModelServer,
    gettext_noop,
)
from models_app.adapters import REGISTRY
from models_app.adapters.adapter import Adapter
from models_app.adapters.client import open_client
from models_app.adapters.failures import Trouble, is_page, trouble
from models_app.adapters.fetch import fetched
from models_app.adapters.lines import Garbled
from models_app.adapters.words import WITHOUT_WORDS, error_text

PROBE_SECONDS = 3.0
ALL_PROBES_SECONDS = 12.0
LARGEST = 4 * 1024 * 1024
BROWSERS = {"Accept-Encoding": "gzip"}
"""llama.cpp shows its greeting only to those who take it compressed."""
NOBODY = (
    Trouble.REFUSED,
    Trouble.NO_NAME,
    Trouble.NO_ROUTE,
    Trouble.NOT_TRUSTED,
    Trouble.NO_TLS,
)
"""After one of these every other question would fail alike."""
UNKNOWN = gettext_noop("its answers are none that a model server gives")


@dataclass(frozen=True, slots=True)
class Probe:
    """One question and its answer: a status with the server's words, or a trouble."""

    path: str
    status: int | None = None
    words: str = ""
    page: bool = False
    trouble: Trouble | None = None
    kind: str = ""
    """The kind that this answer gives away, if it does."""


TOO_SLOW = Probe("/", trouble=Trouble.SLOW)


@dataclass(frozen=True, slots=True)
class Report:
    """All that was asked of an address, in order, up to the first sign of a kind.

    There is one probe at least.
    """

    base_url: str
    probes: tuple[Probe, ...]
    keyed: bool = False
    """Whether a key went along."""

    @property
    def kind(self) -> str:
        """The kind that was found; "" for none."""
        return self.probes[-1].kind

    @property
    def locked(self) -> bool:
        """It wants a key, whatever it is."""
        return any(each.status == 401 for each in self.probes)

    @property
    def answered(self) -> bool:
        return any(each.status is not None for each in self.probes)


def failure_in(report: Report, *, server: str) -> BackendError:
    """Why no kind was found, as the error that a person is told."""
    status = next((p.status for p in report.probes[::-1] if p.status is not None), None)
    if status is None:
        detail = report.probes[-1].trouble or Trouble.SLOW
        return BackendUnreachable(server=server, detail=detail)
    if report.locked:
        return BackendLocked(server=server, upstream=401, detail="it wants a key")
    if any(each.page for each in report.probes):
        return NoModelServer(server=server, upstream=status, detail="a web page")
    silent = WITHOUT_WORDS[403] if status == 403 else UNKNOWN
    words = next((each.words for each in report.probes if each.words), "")
    return BackendRefused(server=server, upstream=status, detail=words or silent)


async def examine(base_url: str, *, key: str = "") -> Report:
    """Ask what only one kind would answer, one question after the other.

    `/api/tags` and `/health` are no questions to ask: everybody imitates them.
    """
    probes: list[Probe] = []
    try:
        async with (
            asyncio.timeout(ALL_PROBES_SECONDS),
            open_client(base_url, key=key) as client,
        ):
            for path, kinds in questions():
                probes.append(await _asked(client, path, kinds))
                if probes[-1].kind or probes[-1].trouble in NOBODY:
                    break
    except TimeoutError:
        pass
    return Report(base_url, tuple(probes) or (TOO_SLOW,), keyed=bool(key))


def questions() -> Iterator[tuple[str, list[type[Adapter]]]]:
    """Each path once, in the order of the steps, with the kinds that can read it."""
    signs = sorted(
        (sign.step, sign.path, number)
        for number, kind in enumerate(REGISTRY)
        for sign in kind.signs
    )
    for (_, path), group in groupby(signs, key=lambda sign: sign[:2]):
        yield path, [REGISTRY[number] for _, _, number in group]


async def _asked(
    client: httpx.AsyncClient, path: str, kinds: list[type[Adapter]]
) -> Probe:
    try:
        response = await fetched(
            client, path, headers=BROWSERS, seconds=PROBE_SECONDS, largest=LARGEST
        )
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        return Probe(path, trouble=trouble(failure))
    except Garbled as nonsense:
        return Probe(path, status=200, words=str(nonsense))
    return Probe(
        path,
        status=response.status_code,
        words=_words(response),
        page=response.is_success and is_page(response),
        kind=next((k.kind for k in kinds if _gives_away(k, path, response)), ""),
    )


def _gives_away(kind: type[Adapter], path: str, response: httpx.Response) -> bool:
    return any(sign.shows(response) for sign in kind.signs if sign.path == path)


def _words(response: httpx.Response) -> str:
    """Nothing for a 403 without a body: what that means is told once, as advice."""
    mute = response.status_code == 403 and not response.content
    return "" if response.is_success or mute else error_text(response)
