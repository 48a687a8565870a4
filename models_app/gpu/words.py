"""Names as a sample may carry them: short, and without control characters."""

import re

LONGEST_NAME = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ODD = re.compile(r"[^\x21-\x7e]+")
LONGEST_IDENTIFIER = 100


def clean_name(text: str) -> str:
    """What a person may be shown; a pair of a surrogate from a file name is no text."""
    whole = text.encode(errors="replace").decode()
    return _CONTROL.sub(" ", whole).strip()[:LONGEST_NAME]


def clean_identifier(text: str) -> str:
    return _ODD.sub("-", text)[:LONGEST_IDENTIFIER]
