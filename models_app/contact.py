"""Being in contact with one model server, for anything but a reply."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dashboard.errors import BackendCannotDo, BackendSilent
from models_app.abilities import reason_against
from models_app.adapters import adapter_for
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import Can
from models_app.adapters.client import open_client
from models_app.models import Backend, LanguageModel
from models_app.sealing import unseal

MODELFILE_SECONDS = 5
"""Somebody looks at a page that waits for it."""


@asynccontextmanager
async def in_contact(backend: Backend) -> AsyncIterator[Adapter]:
    """Its adapter, with connections of its own for as long as the block runs."""
    key = unseal(backend.sealed_key, server=backend.name)
    async with open_client(backend.base_url, key=key) as client:
        yield adapter_for(backend.kind, client, server=backend.name)


async def modelfile_of(
    model: LanguageModel, *, seconds: float = MODELFILE_SECONDS
) -> str:
    """A model's Modelfile as its server tells it now; a `BackendError` if it does not."""
    server = model.backend
    if reason := reason_against(server, Can.MODELFILE):
        raise BackendCannotDo(server=server.name, detail=reason)
    try:
        async with asyncio.timeout(seconds), in_contact(server) as adapter:
            return await adapter.modelfile(model.name)
    except TimeoutError as slow:
        raise BackendSilent(server=server.name, seconds=round(seconds)) from slow
