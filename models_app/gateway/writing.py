"""Writing what comes of an ask in the dialect of whoever asked."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from models_app.adapters.base import Loading, Piece, Reading, Reasoning, Text, ToolCall
from models_app.serving.ask import Begun, Done, Queued, Step

Heard = Queued | Begun | Loading | Reading | Done
"""Steps that are no part of the reply itself, for whoever sends it on."""


class Writer(Protocol):
    """Writes one answer; used once. What comes in `Piece`s has its own end."""

    def take(self, step: Step) -> bytes:
        """What goes to the caller for this step: often nothing."""
        ...


async def written(
    steps: AsyncGenerator[Step, None], writer: Writer
) -> AsyncGenerator[Step, None]:
    """The same reply as `Piece`s, among the steps that are no part of it."""
    async with aclosing(steps) as said:
        async for step in said:
            if content := writer.take(step):
                yield Piece(content)
            if isinstance(step, Heard):
                yield step


@dataclass(frozen=True, slots=True)
class Reply:
    """All of a reply."""

    text: str
    thinking: str
    calls: tuple[ToolCall, ...]


@dataclass(slots=True)
class Gathered:
    """A reply so far, of an answer that comes whole."""

    _text: list[str] = field(default_factory=list)
    _thinking: list[str] = field(default_factory=list)
    _calls: list[ToolCall] = field(default_factory=list)

    def hear(self, step: Step) -> None:
        match step:
            case Text():
                self._text.append(step.text)
            case Reasoning():
                self._thinking.append(step.text)
            case ToolCall():
                self._calls.append(step)

    def reply(self, done: Done) -> Reply:
        """What turned out to be thinking in the end is told as such."""
        text, thought = "".join(self._text), done.thought
        return Reply(
            text=text[thought:].lstrip() if thought else text,
            thinking="".join((*self._thinking, text[:thought])),
            calls=tuple(self._calls),
        )
