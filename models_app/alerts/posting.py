"""One message posted to one webhook, and how that went."""

import asyncio
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from dashboard.errors import KeyUnreadable
from models_app.models import Webhook
from models_app.sealing import unseal

SECONDS = 10.0
"""For all of one message, however slowly somebody answers, byte by byte."""
TIMEOUT = httpx.Timeout(SECONDS, connect=5)
WELL = "well"
SENTENCES = {
    WELL: gettext_noop("It took the message (status %(status)s)."),
    "refused": gettext_noop(
        "It answered with status %(status)s and did not take the message. Check the URL: "
        "it may be wrong, or not be valid any more."
    ),
    "moved": gettext_noop(
        "It answered that it is at another address (status %(status)s). Enter the URL to "
        "which it points: Paddock follows no such hint."
    ),
    "silent": gettext_noop(
        "It did not answer in ten seconds. Check that it runs, and that a firewall lets "
        "Paddock through."
    ),
    "unreachable": gettext_noop(
        "It cannot be reached (%(detail)s). Check the host and the port in the URL, and "
        "that Paddock's machine may go there."
    ),
    "broken": gettext_noop(
        "It answered, but not as a web server does (%(detail)s). Check the port in the URL."
    ),
    KeyUnreadable.code: gettext_noop(
        "Its stored URL cannot be read with this secret key. Enter it again."
    ),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message; `code` and `facts` make a sentence."""

    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        return self.code == WELL


def outcome_sentence(code: str, facts: Mapping[str, str | int]) -> str:
    """How it went, and what to do; "" for what was never sent."""
    if code not in SENTENCES:
        return ""
    return _(SENTENCES[code]) % {"status": "", "detail": "", **facts}


async def post(
    webhook: Webhook, body: Mapping[str, Any], *, seconds: float = SECONDS
) -> Outcome:
    """Send it once. Nothing is followed: the message goes to that address, or nowhere."""
    try:
        url = unseal(webhook.sealed_url, server=webhook.name)
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(timeout=TIMEOUT, verify=_trust()) as client,
            # Its body is of no interest, and may be endless.
            client.stream("POST", url, json=body) as response,
        ):
            return _outcome(response)
    except KeyUnreadable as failure:
        return Outcome(failure.code)
    except (TimeoutError, httpx.TimeoutException):
        return Outcome("silent")
    except httpx.ProtocolError as failure:
        return Outcome("broken", {"detail": str(failure)[:200]})
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as failure:
        return Outcome("unreachable", {"detail": _short(failure)})


@cache
def _trust() -> ssl.SSLContext:
    """The certificates that this machine trusts, also those of its own network."""
    return ssl.create_default_context()


def _outcome(response: httpx.Response) -> Outcome:
    facts = {"status": response.status_code}
    if response.is_success:
        return Outcome(WELL, facts)
    return Outcome("moved" if response.is_redirect else "refused", facts)


def _short(failure: BaseException) -> str:
    """What the system says; never the address, which is a secret."""
    while deeper := failure.__cause__ or failure.__context__:
        failure = deeper
    if isinstance(failure, ExceptionGroup):
        # A name with several addresses, of which none could be reached.
        return _short(failure.exceptions[0])
    if type(failure).__module__ == "builtins" and isinstance(failure, OSError):
        # asyncio's own words say no reason.
        return os.strerror(failure.errno) if failure.errno else str(failure)[:200]
    return str(failure)[:200] or type(failure).__name__
