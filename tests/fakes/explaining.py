"""Model servers that say what they do before they write, and do the next when told to."""

import json
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

from tests.fakes.paced import Speaker, chunk, end

NATIVE, READER, LARGE = "explained", "read", "large"
"""The models: of LM Studio, which loads, of one that counts what it reads, and of LM
Studio while it says nothing."""
LARGE_BYTES = 9_000_000_000
MOST = 30
"""Seconds after which it goes on by itself: nobody is there any more."""


class Explaining(Speaker):
    """Each step waits for the test: `go_on` lets one more out."""

    gate: ClassVar[threading.Semaphore]

    @classmethod
    def begin(cls) -> None:
        """Hold back whatever is asked from now on."""
        cls.gate = threading.Semaphore(0)

    @classmethod
    def go_on(cls) -> None:
        cls.gate.release()

    def hold(self) -> None:
        self.gate.acquire(timeout=MOST)


class Loader(Explaining):
    """LM Studio, whose native chat tells of the load and of the prompt."""

    model = NATIVE

    def listed(self) -> dict[str, object]:
        entry = {"type": "llm", "key": self.model, "loaded_instances": []}
        return {"/api/v1/models": {"models": [entry]}}

    def reply_to(self, asked: dict[str, Any]) -> Iterator[bytes]:
        yield told("model_load.start")
        yield told("model_load.progress", progress=0.42)
        self.hold()
        yield told("prompt_processing.start")
        yield told("prompt_processing.progress", progress=0.5)
        self.hold()
        yield told("reasoning.delta", content="Let me see.")
        self.hold()
        for number in range(80):
            yield told("message.delta", content=f"word{number} ")
        self.hold()
        yield told("chat.end", result={"stats": {"input_tokens": 9}})


class Silent(Explaining):
    """LM Studio as it was before it told of loads: how far it is only its host sees."""

    model = LARGE

    def listed(self) -> dict[str, object]:
        facts = {"type": "llm", "key": self.model, "size_bytes": LARGE_BYTES}
        entry = {**facts, "loaded_instances": []}
        return {"/api/v1/models": {"models": [entry]}}

    def reply_to(self, asked: dict[str, Any]) -> Iterator[bytes]:
        self.hold()
        yield told("message.delta", content="Loaded.")
        yield told("chat.end", result={"stats": {"input_tokens": 9}})


class Reader(Explaining):
    """Tells how many tokens of the prompt it has read."""

    model = READER

    def reply_to(self, asked: dict[str, Any]) -> Iterator[bytes]:
        progress = {"total": 8400, "cache": 0, "processed": 5208, "time_ms": 90}
        yield json.dumps({"choices": [], "prompt_progress": progress}).encode()
        self.hold()
        yield chunk({"content": "Read."})
        yield from end(1)


def told(kind: str, **fields: object) -> bytes:
    return json.dumps({"type": kind, **fields}).encode()
