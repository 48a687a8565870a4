"""A reply as a page shows it, from the frames of its socket: `static/js/reply.js` in Python.

A page could wait for a `seq` that is late; here, where one process writes and one socket
carries, nothing may be late, so that a frame out of its turn is a fault.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bench.numbered import fault_in, numbers_in, text_of
from bench.streams import Arrival, Stream, Wrong

Frame = tuple[float, str]
"""When it came, and the JSON in it."""
TEXT = ("message.delta", "message.block")


@dataclass(slots=True)
class Reply:
    """The numbers in finished blocks, and the open text after them."""

    seq: int = 0
    blocks: list[int] = field(default_factory=list)
    rest: str = ""
    arrivals: list[Arrival] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        return self.blocks + numbers_in(self.rest)

    def show(self, event: dict[str, Any], *, at: float) -> None:
        if event["seq"] != self.seq + 1:
            raise Wrong(f"After text {self.seq} came text {event['seq']}.")
        self.seq, before = event["seq"], self.numbers
        if event["kind"] == "message.delta":
            self.rest += event["text"]
        else:
            self.blocks += numbers_in(text_of(event["html"]))
            self.rest = event["rest"]
        if self.numbers[: len(before)] != before:
            raise Wrong(f"Text {self.seq} took away some that was shown.")
        self.arrivals.append((at, len(self.numbers) - len(before)))


def stream_of(asked_at: float, frames: list[Frame]) -> Stream:
    """What the frames of one turn showed; `Wrong` for text lost, doubled or disordered."""
    reply = Reply()
    for at, event in _events(frames):
        if event["kind"] in TEXT:
            reply.show(event, at=at)
    if not reply.arrivals:
        raise Wrong("A reply was closed without a frame of text.")
    if fault := fault_in(reply.numbers, len(reply.numbers)):
        raise Wrong(f"On the socket: {fault}.")
    received = sum(len(frame.encode()) for _, frame in frames)
    return Stream(asked_at, reply.arrivals, received)


def check_final(fragment: str, *, count: int) -> None:
    """The fragment that a page fetches in the end holds every token, once and in order."""
    if fault := fault_in(numbers_in(text_of(fragment)), count):
        raise Wrong(f"In the finished reply: {fault}.")


def message_in(frames: Iterable[Frame]) -> int:
    """The reply that the frames tell of: what was closed at their end."""
    *_, (_, last) = _events(frames)
    if last["kind"] != "message.closed" or last["status"] != "done":
        raise Wrong(f"The reply ended with {last}.")
    return int(last["message"])


def _events(frames: Iterable[Frame]) -> Iterable[tuple[float, dict[str, Any]]]:
    return ((at, json.loads(frame)) for at, frame in frames)
