"""A moment ends what does not answer, and not what this process had no time to hear."""

import asyncio
import socket
import time

import pytest

from models_app.serving.slots.moment import Moment


async def test_what_does_not_answer_is_given_up() -> None:
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        async with Moment(0.03):
            await asyncio.Event().wait()

    assert 0.025 < time.monotonic() - began < 1


async def test_an_answer_that_came_while_the_loop_stood_still_is_heard() -> None:
    loop, answer = asyncio.get_running_loop(), asyncio.Event()
    near, far = socket.socketpair()
    loop.add_reader(near, answer.set)
    loop.call_soon(far.send, b"pong")
    loop.call_soon(time.sleep, 0.1)

    async with Moment(0.03):
        await answer.wait()

    loop.remove_reader(near)
    near.close()
    far.close()
