"""The house, answering at an address of this machine, for programs that call it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from uvicorn import Config, Server

from dashboard.asgi import application
from models_app.gateway.callers import forget_callers


@pytest.fixture
async def gateway(transactional_db: None, serving: None) -> AsyncIterator[str]:
    """Its address, as long as the test runs: all that a web process answers by HTTP.

    It runs in the test's own loop, so a client that blocks must run in a thread.
    """
    forget_callers()
    async with _served() as url:
        yield url


@asynccontextmanager
async def _served() -> AsyncIterator[str]:
    """uvicorn without its loop of ticks, which would hold up the end of every test."""
    config = Config(application, log_level="warning", ws="none", lifespan="off")
    config.load()
    server = Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as door:
        await server.startup(sockets=[door])
        try:
            yield "http://127.0.0.1:{1}".format(*door.getsockname())
        finally:
            await server.shutdown(sockets=[door])
