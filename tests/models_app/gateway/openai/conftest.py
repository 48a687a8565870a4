"""OpenAI's own client, as programs have it."""

from collections.abc import AsyncIterator

import pytest
from openai import AsyncOpenAI

from dashboard.live.db import in_db
from tests.models_app.gateway.openai.calls import ClientFor, a_key


@pytest.fixture
async def client_for(gateway: str) -> AsyncIterator[ClientFor]:
    """Makes a client with a key, for whom servers at some addresses have a model.

    It tries each thing once, so that a failure is seen.
    """
    made: list[AsyncOpenAI] = []

    async def make(*urls: str, **fields: object) -> AsyncOpenAI:
        secret = await in_db(a_key)(*urls, **fields)
        client = AsyncOpenAI(base_url=f"{gateway}/v1", api_key=secret, max_retries=0)
        made.append(client)
        return client

    yield make
    for each in made:
        await each.close()
