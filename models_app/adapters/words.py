"""What a server says when it refuses, out of all the shapes that it wraps this in."""

import json
import re
from typing import Any

import httpx

from dashboard.errors import gettext_noop
from models_app.adapters.lines import storable

LONGEST_DETAIL = 200
LONGEST_PAGE = 4000
SAID = ("error", "message", "detail", "msg", "errors")
"""Where the words are; a registry tells several errors at once, the first is enough."""
WITHOUT_WORDS = {
    200: gettext_noop("its answer is none that a model server gives"),
    401: gettext_noop("it wants a key"),
    403: gettext_noop(
        "no reason given; Ollama answers so when a proxy before it passes on a Host "
        "or an Origin that it does not know"
    ),
}


def error_text(response: httpx.Response) -> str:
    """What a server said when it refused: its own words, on one line."""
    if response.has_redirect_location:
        return one_line(f"it points to {response.headers['location']}")
    words = words_in(_parsed(response.text))
    if not words and not response.is_success:
        words = _plain(response.text)
    fallback = WITHOUT_WORDS.get(response.status_code, "no reason given")
    return one_line(_without_key(words, response.request)) or fallback


def _without_key(words: str, request: httpx.Request) -> str:
    """Some services repeat the key that they refuse, and everybody reads their words."""
    key = request.headers.get("authorization", "").removeprefix("Bearer ")
    return words.replace(key, "…") if key else words


def words_in(told: Any, *, depth: int = 6) -> str:
    """The sentence inside the shapes that servers wrap errors in, or nothing."""
    if isinstance(told, str):
        return (depth and words_in(_parsed(told), depth=depth - 1)) or told
    if isinstance(told, list):
        told = {"error": told[0]} if told else {}
    if not isinstance(told, dict) or not depth:
        return ""
    parts = (told.get(key) for key in SAID)
    return next(filter(None, (words_in(part, depth=depth - 1) for part in parts)), "")


def one_line(words: str) -> str:
    """Words fit to stand inside a sentence of ours."""
    plain = "".join(each for each in words if each.isprintable() or each.isspace())
    line = " ".join(storable(plain).split())
    if len(line) <= LONGEST_DETAIL:
        return line.rstrip(". ")
    return f"{line[:LONGEST_DETAIL].rsplit(' ', 1)[0]} …"


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
