"""The fewest tokens that a text can be, whatever tokenizer reads it.

Tokenizers split a text at blanks, and nearly all of them between letters and digits as
well, before they look for what they know: no token reaches over a word's end. So each
word and each number is a token at least, whatever there may be of marks and pictures
between them, which may be joined to it or to each other.
"""

import re
from collections.abc import Iterable

from models_app.adapters.base import ChatMessage

PIECES = re.compile(
    # Chinese and Japanese have no blanks; idioms of four signs are tokens, at the most.
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]{1,4}"
    # The longest words that are tokens have some twenty letters; “don't” may be one.
    r"|(?:[^\W\d_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff]){1,24}(?:['’][^\W\d_]{1,3}\b)?"
    r"|\d+"
)
SCARCE = 6
"""Bytes of a token, where a text is read with as few tokens as is usual."""


def least_tokens(text: str) -> int:
    """What no tokenizer falls below by more than a few in a hundred."""
    return sum(1 for _ in PIECES.finditer(text))


def least_sent(messages: Iterable[ChatMessage]) -> int:
    return sum(least_tokens(each.text) for each in messages)


def scarce_sent(messages: Iterable[ChatMessage]) -> int:
    """What a text of any script comes to when each token holds a lot: a low guess, which
    says little by itself."""
    return sum(len(each.text.encode()) for each in messages) // SCARCE
