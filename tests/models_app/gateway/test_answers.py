"""What a caller hears while nothing has come."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.types import Message

from dashboard.errors import BackendBusy
from models_app.adapters.base import Form, Loading, Piece
from models_app.gateway.answers import Answer
from models_app.serving.ask import Begun, Queued, Step

EVENT = b"data: {}\n\n"


class Caller:
    """Hears an answer, and stays."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.news = asyncio.Event()

    async def receive(self) -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Message) -> None:
        self.heard.append(message)
        self.news.set()

    async def hears(self, answer: Answer) -> bytes:
        await answer({"type": "http"}, self.receive, self.send)
        return b"".join(each.get("body", b"") for each in self.heard)


async def test_comments_say_what_a_stream_waits_for() -> None:
    caller = Caller()

    async def steps() -> AsyncGenerator[Step, None]:
        for wait in (Queued(2, 1, "gpu-01"), Loading()):
            yield wait
            caller.news.clear()
            await caller.news.wait()
        yield Piece(EVENT)

    heard = await caller.hears(Answer(steps(), form=Form.EVENTS, patience=0.01))

    comments = heard.removesuffix(EVENT).decode().split("\n\n")
    assert comments[0] == ": number 2 in line"
    assert ": the model is being loaded" in comments
    assert heard.endswith(EVENT)


async def test_what_fails_after_a_comment_is_told_in_the_stream() -> None:
    caller = Caller()

    async def steps() -> AsyncGenerator[Step, None]:
        yield Begun("gpu-01")
        await caller.news.wait()
        raise BackendBusy(server="gpu-01", upstream=503, detail="full")

    heard = await caller.hears(Answer(steps(), form=Form.EVENTS, patience=0.01))

    assert caller.heard[0]["status"] == 200
    assert b'data: {"error":{"message":"gpu-01 is too busy' in heard


async def test_what_is_no_stream_of_events_stays_silent_until_it_is_known() -> None:
    caller = Caller()

    async def steps() -> AsyncGenerator[Step, None]:
        yield Loading()
        raise BackendBusy(server="gpu-01", upstream=503, detail="full")

    await caller.hears(Answer(steps(), form=Form.WHOLE, patience=0.0))

    assert caller.heard[0]["status"] == 503
