"""Looking at model servers: what they list, and which ones run on this machine."""

import asyncio
import logging

from dashboard.errors import DashboardError
from dashboard.live.db import in_db
from models_app.adapters import adapter_for
from models_app.adapters.client import open_client
from models_app.adapters.detect import detect
from models_app.models import Backend
from models_app.sealing import unseal
from models_app.services.backends import note_failure, note_models
from models_app.services.found_servers import note_found

log = logging.getLogger(__name__)

LOCAL_PORTS = (11434, 1234, 8000, 8080)
"""Where Ollama, LM Studio, vLLM and llama.cpp listen unless told otherwise."""


async def refresh(backend: Backend) -> None:
    """Ask one server for its models and note what it said, or why it did not."""
    try:
        key = unseal(backend.sealed_key, server=backend.name)
        async with open_client(backend.base_url, key=key) as client:
            adapter = adapter_for(backend.kind, client, server=backend.name)
            facts = await adapter.list_models()
    except DashboardError as failure:
        await in_db(note_failure)(backend.pk, failure)
    else:
        await in_db(note_models)(backend.pk, facts)


async def refresh_all(backends: list[Backend]) -> None:
    """All at once: a hung server delays nobody, and none that fails stops the others."""
    looks = (refresh(backend) for backend in backends)
    for end in await asyncio.gather(*looks, return_exceptions=True):
        if isinstance(end, Exception):
            log.error("A server could not be looked at.", exc_info=end)


async def look_for_servers(ports: tuple[int, ...] = LOCAL_PORTS) -> None:
    """Offer the servers that answer on this machine's usual ports."""
    for port in ports:
        base_url = f"http://127.0.0.1:{port}"
        if kind := await detect(base_url):
            await in_db(note_found)(base_url, kind)
