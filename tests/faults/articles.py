"""The messages on a page, read out of its HTML."""

import re
from dataclasses import dataclass
from html import unescape

_article = re.compile(
    r"<article\b([^>]*\bdata-message=[^>]*)>(.*?)</article>", re.DOTALL
)
_attribute = re.compile(r'\b(data-[\w-]+)(?:="([^"]*)")?')
_open = re.compile(
    r"<div[^>]*\bdata-blocks\b[^>]*>(.*)</div>\s*<p[^>]*\bdata-rest\b[^>]*>(.*?)</p>",
    re.DOTALL,
)
_earlier = re.compile(r'(?:\?before=|data-before=")(\d+)')


@dataclass(frozen=True, slots=True)
class Article:
    """One message as the server rendered it."""

    message: int
    version: str
    seq: int
    is_open: bool
    body: str

    @property
    def is_said(self) -> bool:
        """A person's message, and no reply."""
        return self.version.startswith("said")

    def shown(self) -> tuple[str, str]:
        """The finished HTML of an open reply, and the text after it."""
        found = _open.search(self.body)
        assert found, f"No open reply is in {self.body}"
        return found[1].strip(), unescape(found[2])


def articles_in(page: str) -> list[Article]:
    return [_read(tag, body) for tag, body in _article.findall(page)]


def _read(tag: str, body: str) -> Article:
    told = dict(_attribute.findall(tag))
    return Article(
        message=int(told["data-message"]),
        version=told["data-version"],
        seq=int(told["data-seq"]),
        is_open="data-open" in told,
        body=body,
    )


def earlier_than(page: str) -> int | None:
    """The number before which there is more, where the page does not show everything."""
    found = _earlier.search(page)
    return int(found[1]) if found else None
