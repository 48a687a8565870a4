"""What every test of the chat can count on."""

from collections.abc import AsyncIterator

import pytest

from models_app.serving.clients import close_clients


@pytest.fixture
async def serving() -> AsyncIterator[None]:
    """Connections to model servers that are closed when the test ends."""
    yield
    await close_clients()
