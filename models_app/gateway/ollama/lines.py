"""A reply written in Ollama's dialect, line by line or whole. Pure but for the clock."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from models_app.adapters.base import Piece, Reasoning, Text, ToolCall
from models_app.gateway.writing import Gathered, Reply
from models_app.serving.ask import Done, Step

MS: Final = 1_000_000
"""Nanoseconds in a millisecond: Ollama's unit of time."""
LENGTH: Final = "length"
Said = dict[str, Any]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a reply."""

    text: str = ""
    thinking: str = ""
    calls: tuple[Said, ...] = ()


def chat_words(part: Part) -> Said:
    """As `/api/chat` has it."""
    message: Said = {"role": "assistant", "content": part.text}
    if part.thinking:
        message["thinking"] = part.thinking
    if part.calls:
        message["tool_calls"] = list(part.calls)
    return {"message": message}


def generate_words(part: Part) -> Said:
    """As `/api/generate` has it, which knows no tools."""
    said = {"response": part.text}
    return said | {"thinking": part.thinking} if part.thinking else said


Words = Callable[[Part], Said]


def utc() -> datetime:
    return datetime.now(UTC)


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(slots=True)
class Lines:
    """Each step at once as a line of its own."""

    model: str
    words: Words
    now: Clock = utc
    _passes: bool = False
    _calls: int = 0

    def take(self, step: Step) -> bytes:
        match step:
            case Piece():
                self._passes = True
                return step.content
            case Text():
                return self._line(Part(text=step.text), done=False)
            case Reasoning():
                return self._line(Part(thinking=step.text), done=False)
            case ToolCall():
                self._calls += 1
                call = call_of(step, self._calls - 1)
                return self._line(Part(calls=(call,)), done=False)
            case Done() if not self._passes:
                return self._line(Part(), **ending(step))
        return b""

    def _line(self, part: Part, **more: Any) -> bytes:
        return msgspec.json.encode(reply(self, part, **more)) + b"\n"


@dataclass(slots=True)
class Whole:
    """All of it once it is there."""

    model: str
    words: Words
    now: Clock = utc
    _passes: bool = False
    _gathered: Gathered = field(default_factory=Gathered)

    def take(self, step: Step) -> bytes:
        match step:
            case Piece():
                self._passes = True
                return step.content
            case Done() if not self._passes:
                part = _part(self._gathered.reply(step))
                return msgspec.json.encode(reply(self, part, **ending(step)))
        self._gathered.hear(step)
        return b""


def reply(writer: Lines | Whole, part: Part, **more: Any) -> Said:
    """One object of an answer."""
    head = {"model": writer.model, "created_at": stamp(writer.now())}
    return {**head, **writer.words(part), **more}


def ending(done: Done) -> Said:
    """Why it ended and what it cost; counts that nobody told are left out.

    Clients divide counts by durations: where a server measures none, ours stand in.
    """
    usage = done.usage
    waited = done.first_token_ms or done.total_ms
    return {
        "done": True,
        "done_reason": LENGTH if done.reason == LENGTH else "stop",
        "total_duration": done.total_ms * MS,
        "load_duration": _nanoseconds(usage.load_ms, 0),
        **_counted("prompt_eval_count", usage.prompt_tokens),
        "prompt_eval_duration": _nanoseconds(usage.prompt_ms, waited - done.queue_ms),
        **_counted("eval_count", usage.completion_tokens),
        "eval_duration": _nanoseconds(usage.predicted_ms, done.total_ms - waited),
    }


def call_of(call: ToolCall, index: int) -> Said:
    """With its arguments as an object; what is none has none."""
    arguments: object = None
    with suppress(ValueError):
        arguments = json.loads(call.arguments)
    known = arguments if isinstance(arguments, dict) else {}
    return {
        "id": call.id,
        "function": {"index": index, "name": call.name, "arguments": known},
    }


def _part(said: Reply) -> Part:
    calls = tuple(call_of(each, number) for number, each in enumerate(said.calls))
    return Part(said.text, said.thinking, calls)


def _counted(name: str, count: int | None) -> Said:
    return {} if count is None else {name: count}


def _nanoseconds(told: float | None, otherwise: int) -> int:
    return round((max(otherwise, 0) if told is None else told) * MS)
