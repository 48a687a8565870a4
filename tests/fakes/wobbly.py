"""A model server that dies in the middle of each first reply, for whole houses."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

from tests.fakes.paced import Speaker, chunk, end

MODEL = "wobbly"
SLOWLY, PAUSE = "slowly", 6
"""A question with this word has the server pause so many seconds in the middle."""


class Wobbler(Speaker):
    """Breaks off when a question is new to it; later says all of it, or the rest."""

    model: ClassVar[str] = MODEL
    asked: ClassVar[Counter[str]] = Counter()

    def reply_to(self, asked: dict[str, Any]) -> Iterator[bytes]:
        said = [(each["role"], each["content"]) for each in asked["messages"]]
        question = next(text for role, text in said if role == "user")
        self.asked[question] += 1
        if "assistant" not in dict(said):
            yield chunk({"content": "The first half,"})
        if SLOWLY in question:
            time.sleep(PAUSE)
        if SLOWLY in question or self.asked[question] > 1:
            yield chunk({"content": " and the rest."})
            yield from end(2)
