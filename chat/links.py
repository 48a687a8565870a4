"""Where the links of a message may lead, and what becomes a link by itself."""

import re
from collections.abc import Iterator

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

SCHEMES = {"http", "https", "mailto"}
TARGET = re.compile(r"(?:https?://[^/?#]|mailto:[^?#])", re.IGNORECASE)

ADDRESS = re.compile(
    r"(?<![0-9A-Za-z])https?://[0-9A-Za-z][!#-;=?-Z_a-z~]{0,2000}", re.IGNORECASE
)
"""A bare address: ASCII only, for Chinese text follows one without a space."""


def may_lead_to(url: str) -> bool:
    """Whether a link may lead there: out of the house, and by no script."""
    return TARGET.match(url) is not None


def find_links(state: StateCore) -> None:
    """Make links of bare addresses and of pictures, for a page loads nothing from afar."""
    for token in state.tokens:
        if token.children:
            token.children = list(_linked(token.children))


def _linked(tokens: list[Token]) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        depth += token.nesting if token.tag == "a" else 0
        if token.type == "image":
            yield from _picture(token, in_link=depth > 0)
        elif token.type == "text" and not depth:
            yield from _addresses(token.content)
        else:
            yield token


def _picture(image: Token, *, in_link: bool) -> list[Token]:
    url = str(image.attrs["src"])
    name = "".join(child.content for child in image.children or []) or url
    return [_text(name)] if in_link else _link(url, name)


def _addresses(text: str) -> Iterator[Token]:
    end = 0
    for found in ADDRESS.finditer(text):
        url = _without_punctuation(found[0])
        yield _text(text[end : found.start()])
        yield from _link(url, url)
        end = found.start() + len(url)
    yield _text(text[end:])


def _without_punctuation(url: str) -> str:
    """The address without what ends the sentence or the bracket that it stands in."""
    url = url.rstrip("!'*,.:;?_~")
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip("!'*,.:;?_~")
    return url


def _link(url: str, name: str) -> list[Token]:
    opening = Token("link_open", "a", 1, attrs={"href": url})
    return [opening, _text(name), Token("link_close", "a", -1)]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
