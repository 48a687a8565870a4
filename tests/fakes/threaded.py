"""A replayed server in a thread of its own, for code that has no loop to share."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.fakes.replay import Answer, replaying


@contextmanager
def in_thread(answers: Mapping[str, Answer]) -> Iterator[str]:
    """Its address, as long as the block lasts."""
    loop, over = asyncio.new_event_loop(), asyncio.Event()
    ready, urls = threading.Event(), list[str]()

    async def serve() -> None:
        async with replaying(answers) as server:
            urls.append(server.url)
            ready.set()
            await over.wait()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run, name="replay")
    thread.start()
    ready.wait()
    try:
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
