"""How much one request may bring: more is refused while it is still being sent.

Twisted takes in the whole of a body before an application hears of its request, and Daphne
then holds it in memory; so a limit that stands in the application comes too late.
"""

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from daphne.http_protocol import HTTPFactory, WebRequest
from django.conf import settings

from dashboard.errors import BodyTooLarge

MEGABYTE: Final = 1_000_000
SILENCE: Final = 60
"""Seconds without a byte after which a sender is given up."""
LINGER: Final = 5
"""Seconds for which the rest of what is refused is taken and thrown away: a connection that
is closed on a sender's face may take the answer with it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The first whose pattern begins an address holds for it; a setting is named, since it
    is read anew each time."""

    address: re.Pattern[str]
    megabytes: int | str
    besides: int = 0

    @property
    def told(self) -> int:
        """What people have set and are told of."""
        named = isinstance(self.megabytes, str)
        return int(getattr(settings, str(self.megabytes)) if named else self.megabytes)

    @property
    def most(self) -> int:
        return self.told + self.besides


OF_PROGRAMS: Final = re.compile(r"/(v1|api|key)/")
LIMITS: Final = (
    # A form has more in it than the file.
    Limit(re.compile(r"(/key/[^/]+)?/v1/files/?(\?|$)"), "BATCH_MB", besides=1),
    Limit(re.compile(r"/batches/(\?|$)"), "BATCH_MB", besides=1),
    Limit(OF_PROGRAMS, "API_BODY_MB"),
    # The longest that a page sends is a form of 2 MB, with a Modelfile beside it.
    Limit(re.compile(""), 10),
)
IN_OLLAMAS: Final = re.compile(r"(/key/[^/]*)?/api/")


def limit_of(address: str) -> Limit:
    """The one that holds there."""
    return next(each for each in LIMITS if each.address.match(address))


def refusal(address: str) -> bytes:
    """The whole answer, in the words of the dialect that is spoken there, or for people."""
    failure = BodyTooLarge(most=limit_of(address).told)
    if not OF_PROGRAMS.match(address):
        return _answer(failure, "text/plain", f"{failure} Go back, and send less.\n")
    told: dict[str, Any] = {
        "message": str(failure),
        "type": "invalid_request_error",
        "param": None,
        "code": failure.code,
    }
    error = str(failure) if IN_OLLAMAS.match(address) else told
    return _answer(failure, "application/json", json.dumps({"error": error}))


def _answer(failure: BodyTooLarge, kind: str, said: str) -> bytes:
    body = said.encode()
    head = (
        f"HTTP/1.1 {failure.status} {HTTPStatus(failure.status).phrase}\r\n"
        f"Content-Type: {kind}; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body


class BoundedRequest(WebRequest):  # type: ignore[misc] # Daphne has no types
    """A request that is refused as soon as it is, or says that it will be, too large."""

    refused = False
    received = 0
    most = 0

    def __init__(self, *told: Any, **named: Any) -> None:
        # Django and the gateway read forms themselves; Twisted would do it too, for
        # nobody, with all of an upload in memory.
        super().__init__(*told, parsePOSTFormSubmission=False, **named)

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        """The head is read; None where the length is not told: the body comes in chunks."""
        # Where it goes to is known to the channel alone until the whole request is here.
        self.address = self.channel._path.decode("latin-1")
        self.most = limit_of(self.address).most * MEGABYTE if length != 0 else 0
        if length is not None and length > self.most:
            self.refuse()
        else:
            super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self.received += len(data)
        if self.refused:
            return
        if self.received > self.most:
            self.content.close()
            self.refuse()
        else:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        if self.refused:
            self.channel.setTimeout(LINGER)
        else:
            super().requestReceived(command, path, version)

    def refuse(self) -> None:
        """Answer, and hear no more of this connection until its sender leaves it."""
        self.refused = True
        self.requestHeaders.removeHeader(b"Expect")
        self.channel.dataReceived = _ignore
        self.channel.transport.write(refusal(self.address))
        self.channel.transport.loseWriteConnection()
        self.channel.setTimeout(LINGER)


def _ignore(data: bytes) -> None:
    """What a refused sender goes on sending."""


class BoundedFactory(HTTPFactory):  # type: ignore[misc] # Daphne has no types
    """Makes the connections whose requests are bounded."""

    def __init__(self, server: object, *, silence: float) -> None:
        super().__init__(server)
        self.timeOut = silence

    def buildProtocol(self, address: object) -> Any:  # noqa: N802
        protocol = super().buildProtocol(address)
        protocol.requestFactory = BoundedRequest
        return protocol
