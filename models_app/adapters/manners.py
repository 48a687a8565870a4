"""What a stranger that speaks OpenAI's dialect turned out not to take."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import httpx

from models_app.adapters.shapes import object_in

WITH_USAGE = {"stream_options": {"include_usage": True}}
TASTE = (400, 422)
"""How a server says that it does not like what it was sent."""
PROGRESS = "return_progress"
"""What llama.cpp is asked for, to tell how much of the prompt it has read."""
LIMIT, NEW_LIMIT = "max_tokens", "max_completion_tokens"
WANTS_NEW_LIMIT = re.compile(
    r"\bmax_tokens\b\W+(is|are) not supported|\buse\W+max_completion_tokens"
)
"""Other complaints name both, and mean the number."""
HEARD = ("error", "message", "detail", "msg", "param", "loc")
"""Where a complaint stands; elsewhere, some servers repeat what a person has said."""


@dataclass(frozen=True, slots=True)
class Manners:
    """Of one server, and known as long as its client is open."""

    counts: bool = True
    progress: bool = True
    limit: str = LIMIT

    def taught_by(self, refused: httpx.Response) -> "Manners":
        """With what a refusal tells; proven only when the server takes the next try."""
        if refused.status_code not in TASTE:
            return self
        complaint = " ".join(_words(object_in(refused))) or refused.text
        uncounted = "stream_options" in complaint or "include_usage" in complaint
        return Manners(
            counts=self.counts and not uncounted,
            progress=self.progress and PROGRESS not in complaint,
            limit=NEW_LIMIT if WANTS_NEW_LIMIT.search(complaint) else self.limit,
        )

    def applied(self, body: dict[str, Any]) -> dict[str, Any]:
        body = {
            self.limit if key == LIMIT else key: body[key]
            for key in body
            if self.progress or key != PROGRESS
        }
        return body | WITH_USAGE if self.counts else body


def manners_of(client: httpx.AsyncClient) -> Manners:
    """Those of the server behind a client, as far as they are known by now."""
    return _manners.get(client, Manners())


def keep_manners(client: httpx.AsyncClient, manners: Manners) -> None:
    _manners[client] = manners


def _words(told: object) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, list):
        for each in told:
            yield from _words(each)
    elif isinstance(told, dict):
        for name in HEARD:
            yield from _words(told.get(name))


_manners: WeakKeyDictionary[httpx.AsyncClient, Manners] = WeakKeyDictionary()
