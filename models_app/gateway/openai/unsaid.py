"""What a chat in OpenAI's dialect says that the words for every kind of server cannot. Pure."""

from typing import Any


class Unsaid(Exception):
    """The chat is untranslatable."""


def only(told: Any, *names: str) -> None:
    """`Unsaid` for what is no object, or says something besides."""
    if not isinstance(told, dict):
        raise Unsaid
    if any(told[name] for name in told.keys() - names):
        raise Unsaid


def text_at(told: dict[str, Any], name: str, otherwise: str | None = None) -> str:
    """A text; `otherwise` where there is none."""
    text = told.get(name)
    if text is None and otherwise is not None:
        return otherwise
    if not isinstance(text, str):
        raise Unsaid
    return text


def list_at(told: dict[str, Any], name: str) -> list[Any]:
    """A list; an empty one where there is none."""
    found = told.get(name) or []
    if not isinstance(found, list):
        raise Unsaid
    return found
