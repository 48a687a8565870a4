"""The text that the fake server says: every token has a number, so that none can hide."""

import re
from collections.abc import Sequence

PARAGRAPH = 60
"""Tokens between two blank lines: Markdown blocks finish as in real replies."""

_number = re.compile(r"t(\d+)")
_tag = re.compile(r"<[^>]*>")


def tokens(count: int) -> list[str]:
    """So many tokens: "t0", " t1", … with a paragraph break now and then."""
    return [f"{_space(number)}t{number}" for number in range(count)]


def ask_for(count: int, *, rate: int) -> str:
    """The message to which the fake server answers with so many tokens a second."""
    return f"Say {count} tokens at {rate} a second."


def asked(message: str) -> tuple[int, int]:
    """What `ask_for` asked for: the count and the rate."""
    count, rate = re.findall(r"\d+", message)[-2:]
    return int(count), int(rate)


def numbers_in(text: str) -> list[int]:
    return [int(number) for number in _number.findall(text)]


def text_of(html: str) -> str:
    """The text of our own renderer's HTML."""
    return _tag.sub(" ", html)


def fault_in(numbers: Sequence[int], count: int) -> str:
    """Where a text of so many tokens is not whole and in order; nothing when it is."""
    for place, number in enumerate(numbers):
        if number != place:
            return f"token {number} stands where token {place} should"
    return "" if len(numbers) == count else f"{len(numbers)} tokens of {count} came"


def _space(number: int) -> str:
    if not number:
        return ""
    return " " if number % PARAGRAPH else "\n\n"
