"""Reading the progress that Ollama streams of a pull or a create. Pure: bytes in, steps out."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from models_app.adapters.amounts import whole
from models_app.adapters.base import PullStep
from models_app.adapters.lines import Garbled, Lines, parsed, storable
from models_app.adapters.pull_failures import PullFailed
from models_app.adapters.words import words_in

WHOLE = "success"


class ProgressReader:
    """One pull or create: only the word "success" makes it whole.

    The last lines of layers stay below their totals, and small layers have no line.
    """

    def __init__(self) -> None:
        self.finished = False
        self._lines = Lines()

    def feed(self, piece: bytes) -> Iterator[PullStep]:
        for line in self._lines.feed(piece):
            if line.strip() and not self.finished:
                yield self._step(parsed(line))
        if not piece:
            yield from self._end()

    def _end(self) -> Iterator[PullStep]:
        """The stream is over; its last line may be cut, or only lack its end."""
        with suppress(ValueError):
            yield self._step(parsed(self._lines.rest()))
        if not self.finished:
            raise Garbled("the stream ended early")

    def _step(self, line: dict[str, Any]) -> PullStep:
        if "error" in line:
            raise PullFailed(words_in(line["error"]) or "an error without words")
        said = str(line["status"])
        self.finished = said == WHOLE
        layer = storable(str(line.get("digest") or ""))
        total = counted(line.get("total")) if layer else None
        completed = None if total is None else counted(line.get("completed", 0))
        return PullStep(storable(said), layer, total, completed)


def counted(value: object) -> int | None:
    """Bytes; Ollama leaves out those that are none yet."""
    amount = whole(value)
    return None if amount is None else max(amount, 0)
