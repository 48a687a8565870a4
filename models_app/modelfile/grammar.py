"""The words and the quotation marks of a Modelfile, for those who read and who write it.

Source: the grammar of Ollama 0.33, tried case by case on its own parser.
"""

from collections.abc import Mapping
from typing import Final

FROM: Final = "model"
"""What a FROM line is called once it is read."""
MESSAGE: Final = "message"
PARAMETER: Final = "parameter"
INSTRUCTIONS: Final[Mapping[str, str]] = {
    "from": FROM,
    "license": "license",
    "template": "template",
    "system": "system",
    "adapter": "adapter",
    "draft": "draft",
    "renderer": "renderer",
    "parser": "parser",
    PARAMETER: PARAMETER,
    MESSAGE: MESSAGE,
    "requires": "requires",
}
"""Each instruction with what it is called once it is read."""
ROLES: Final = ("system", "user", "assistant")
ONE_ROLE: Final = 'message role must be one of "system", "user", or "assistant"'
ROLE_END: Final = ": "
BLANKS: Final = " \t"
NEWLINES: Final = "\r\n"
QUOTE, QUOTES = '"', '"""'
YOUNG = ((0x1F000, 0x1FAFF), (0x31350, 0x323AF))
"""Where emoji and Han are that an older Python does not know to be printable."""


def is_kept(character: str) -> bool:
    """Whether a value may hold it within a line; a reader drops all others."""
    return character == "\t" or character.isprintable() or _is_young(character)


def kept(text: str) -> str:
    """The text as a Modelfile can hold it: without what a reader would drop."""
    return "".join(each for each in text if each in NEWLINES or is_kept(each))


def opening(value: str) -> str:
    """The quotation marks that a value begins with, and must end with."""
    return next((mark for mark in (QUOTES, QUOTE) if value.startswith(mark)), "")


def unquoted(value: str) -> str:
    """A whole value without its outer quotation marks."""
    mark = opening(value)
    return value[len(mark) : -len(mark)] if mark else value


def _is_young(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in YOUNG)
