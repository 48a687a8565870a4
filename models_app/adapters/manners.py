"""What a stranger that speaks OpenAI's dialect turned out not to take."""

import re
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import httpx

WITH_USAGE = {"stream_options": {"include_usage": True}}
LIMIT, NEW_LIMIT = "max_tokens", "max_completion_tokens"
WANTS_NEW_LIMIT = re.compile(
    r"\bmax_tokens\b\W+(is|are) not supported|\buse\W+max_completion_tokens"
)
"""Other complaints name both, and mean the number."""


@dataclass(slots=True)
class Manners:
    """Of one server, and known as long as its client is open."""

    counts: bool = True
    limit: str = LIMIT

    def learn(self, complaint: str) -> None:
        """Several replies at once may learn the same: whoever asked otherwise asks again."""
        if WANTS_NEW_LIMIT.search(complaint):
            self.limit = NEW_LIMIT
        if "stream_options" in complaint or "include_usage" in complaint:
            self.counts = False

    def applied(self, body: dict[str, Any]) -> dict[str, Any]:
        body = {self.limit if key == LIMIT else key: body[key] for key in body}
        return body | WITH_USAGE if self.counts else body


def manners_of(client: httpx.AsyncClient) -> Manners:
    """Those of the server behind a client, as far as they are known by now."""
    return _manners.setdefault(client, Manners())


_manners: WeakKeyDictionary[httpx.AsyncClient, Manners] = WeakKeyDictionary()
