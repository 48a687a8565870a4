"""A reply written in OpenAI's dialect, event by event or whole. Pure but for the clock."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from models_app.adapters.base import Piece, Reasoning, Text, ToolCall, Usage
from models_app.gateway.writing import Gathered, Reply
from models_app.serving.ask import Begun, Done, Step

LENGTH: Final = "length"
END: Final = b"data: [DONE]\n\n"
Said = dict[str, Any]
Clock = Callable[[], float]


@dataclass(slots=True)
class Chunks:
    """Each step at once as an event; what it cost in one of its own, for whoever asks."""

    model: str
    tells_usage: bool = False
    now: Clock = time.time
    _head: Said = field(default_factory=dict)
    _ticket: str = ""
    _calls: int = 0
    _passes: bool = False

    def take(self, step: Step) -> bytes:
        match step:
            case Begun():
                self._ticket = step.ticket
            case Piece():
                self._passes = True
                return step.content
            case Text():
                return self._delta({"content": step.text})
            case Reasoning():
                return self._delta({"reasoning_content": step.text})
            case ToolCall():
                self._calls += 1
                call = {"index": self._calls - 1, **call_of(step)}
                return self._delta({"tool_calls": [call]})
            case Done() if not self._passes:
                return self._end(step)
        return b""

    def _delta(self, delta: Said, reason: str | None = None) -> bytes:
        """The first of them comes after one that says whose words they are."""
        first = b""
        if not self._head:
            made = _head(self._ticket, "chat.completion.chunk", self.now())
            self._head = {**made, "model": self.model}
            first = self._delta({"role": "assistant", "content": ""})
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return first + self._event([choice])

    def _end(self, done: Done) -> bytes:
        last = self._delta({}, reason_of(done, self._calls))
        usage = usage_of(done.usage) if self.tells_usage else None
        return last + (self._event([], usage=usage) if usage else b"") + END

    def _event(self, choices: Sequence[Said], **more: Any) -> bytes:
        told = {**self._head, "choices": choices, **more}
        return b"data: " + msgspec.json.encode(told) + b"\n\n"


@dataclass(slots=True)
class Whole:
    """All of it once it is there."""

    model: str
    now: Clock = time.time
    _ticket: str = ""
    _passes: bool = False
    _gathered: Gathered = field(default_factory=Gathered)

    def take(self, step: Step) -> bytes:
        match step:
            case Begun():
                self._ticket = step.ticket
            case Piece():
                self._passes = True
                return step.content
            case Done() if not self._passes:
                return msgspec.json.encode(self._completion(step))
        self._gathered.hear(step)
        return b""

    def _completion(self, done: Done) -> Said:
        reply, usage = self._gathered.reply(done), usage_of(done.usage)
        choice = {
            "index": 0,
            "message": message_of(reply),
            "logprobs": None,
            "finish_reason": reason_of(done, len(reply.calls)),
        }
        return {
            **_head(self._ticket, "chat.completion", self.now()),
            "model": self.model,
            "choices": [choice],
            **({"usage": usage} if usage else {}),
        }


def message_of(reply: Reply) -> Said:
    said: Said = {"role": "assistant", "content": reply.text}
    if reply.thinking:
        said["reasoning_content"] = reply.thinking
    if reply.calls:
        said["content"] = reply.text or None
        said["tool_calls"] = [call_of(each) for each in reply.calls]
    return said


def call_of(call: ToolCall) -> Said:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def reason_of(done: Done, calls: int) -> str:
    """As OpenAI names it, whatever the server does."""
    if done.reason == LENGTH:
        return LENGTH
    return "tool_calls" if calls else "stop"


def usage_of(usage: Usage) -> Said | None:
    """None where a server counted nothing; servers leave counts of nothing out."""
    if usage.prompt_tokens is None and usage.completion_tokens is None:
        return None
    read, wrote = usage.prompt_tokens or 0, usage.completion_tokens or 0
    told: Said = {
        "prompt_tokens": read,
        "completion_tokens": wrote,
        "total_tokens": read + wrote,
    }
    if usage.cached_tokens is not None:
        told["prompt_tokens_details"] = {"cached_tokens": usage.cached_tokens}
    return told


def _head(ticket: str, kind: str, now: float) -> Said:
    """All events of an answer have the same."""
    return {"id": f"chatcmpl-{ticket}", "object": kind, "created": int(now)}
