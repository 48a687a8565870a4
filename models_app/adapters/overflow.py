"""How much a server says that it was sent and can read, when it refuses a prompt."""

import re
from dataclasses import dataclass

SAID = (
    re.compile(
        r"request \((?P<sent>\d+) tokens\) exceeds the available context size "
        r"\((?P<window>\d+) tokens\)"
    ),
    re.compile(
        r"maximum context length is (?P<window>\d+) tokens.*?"
        r"(?:contains|requested) (?P<least>at least )?(?P<sent>\d+)"
    ),
)
"""llama.cpp and Ollama, which count the whole prompt; vLLM, which stops counting once it
is too much."""


@dataclass(frozen=True, slots=True)
class Overflow:
    """Tokens that were sent, and the window that they do not fit; `exact` unless it may
    be more."""

    sent: int
    window: int
    exact: bool = True


def overflow_in(words: str) -> Overflow | None:
    """The numbers in a server's refusal of a prompt; None where it tells none."""
    for pattern in SAID:
        if found := pattern.search(words):
            exact = not found.groupdict().get("least")
            return Overflow(int(found["sent"]), int(found["window"]), exact)
    return None
