"""Which kind of server is behind an address."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from models_app.adapters.base import Kind
from models_app.adapters.client import open_client
from models_app.adapters.openai_models import listed

PROBE = httpx.Timeout(3)
ALL_PROBES_SECONDS = 12
OWNERS = {"vllm": Kind.VLLM, "llamacpp": Kind.LLAMACPP}


async def detect(base_url: str, *, key: str = "") -> Kind | None:
    """Ask what only one kind would answer, one question after the other.

    None when nothing answers, or nothing that is known. `/api/tags` and `/health` are no
    questions to ask: everybody imitates them.
    """
    try:
        async with (
            asyncio.timeout(ALL_PROBES_SECONDS),
            open_client(base_url, key=key) as client,
        ):
            for path, kind_in in PROBES:
                if kind := kind_in(await client.get(path, timeout=PROBE)):
                    return kind
    except (httpx.HTTPError, TimeoutError):
        pass
    return None


def _by_greeting(response: httpx.Response) -> Kind | None:
    if "Ollama is running" in response.text:
        return Kind.OLLAMA
    return Kind.LLAMACPP if response.headers.get("server") == "llama.cpp" else None


def _by_version(response: httpx.Response) -> Kind | None:
    told = _object(response)
    ollama = isinstance(told.get("version"), str) and "error" not in told
    return Kind.OLLAMA if ollama and response.is_success else None


def _by_props(response: httpx.Response) -> Kind | None:
    told = _object(response)
    if "default_generation_settings" in told or told.get("role") == "router":
        return Kind.LLAMACPP
    error = told.get("error")
    locked = isinstance(error, dict) and error.get("type") == "authentication_error"
    return Kind.LLAMACPP if locked else None


def _by_list(response: httpx.Response) -> Kind | None:
    if response.status_code == 401:
        return Kind.VLLM if _object(response) == {"error": "Unauthorized"} else None
    entries = listed(response) if response.is_success else None
    if entries is None:
        return None
    owners = {str(entry.get("owned_by")) for entry in entries}
    return next((OWNERS[owner] for owner in owners if owner in OWNERS), Kind.OPENAI)


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        told = response.json()
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


PROBES: tuple[tuple[str, Callable[[httpx.Response], Kind | None]], ...] = (
    ("/", _by_greeting),
    ("/api/version", _by_version),
    ("/props", _by_props),
    ("/v1/models", _by_list),
    ("/models", _by_list),
)
