"""How Paddock speaks to model servers: one small class for each kind."""

from collections.abc import Mapping

import httpx

from models_app.adapters.adapter import Adapter
from models_app.adapters.llamacpp import LlamaCppAdapter
from models_app.adapters.lmstudio import LMStudioAdapter
from models_app.adapters.ollama import OllamaAdapter
from models_app.adapters.openai import OpenAIAdapter
from models_app.adapters.vllm import VLLMAdapter

REGISTRY: tuple[type[Adapter], ...] = (
    OllamaAdapter,
    LMStudioAdapter,
    VLLMAdapter,
    LlamaCppAdapter,
    OpenAIAdapter,
)
"""Every kind, the most particular first: any of them may look like the last."""

ADAPTERS: Mapping[str, type[Adapter]] = {each.kind: each for each in REGISTRY}


def adapter_for(kind: str, client: httpx.AsyncClient, *, server: str) -> Adapter:
    """The adapter of a kind; `server` is the name that its errors give the server."""
    return ADAPTERS[kind](client, server=server)


def kinds() -> list[tuple[str, str]]:
    """Each kind with the name that people know it by."""
    return [(each.kind, each.label) for each in REGISTRY]
