"""How Paddock speaks to model servers: one small class for each kind."""

from collections.abc import Mapping

import httpx

from models_app.adapters.base import Adapter, Kind
from models_app.adapters.llamacpp import LlamaCppAdapter
from models_app.adapters.ollama import OllamaAdapter
from models_app.adapters.openai import OpenAIAdapter
from models_app.adapters.vllm import VLLMAdapter

ADAPTERS: Mapping[str, type[Adapter]] = {
    Kind.OLLAMA: OllamaAdapter,
    Kind.VLLM: VLLMAdapter,
    Kind.LLAMACPP: LlamaCppAdapter,
    Kind.OPENAI: OpenAIAdapter,
}


def adapter_for(kind: str, client: httpx.AsyncClient, *, server: str) -> Adapter:
    """The adapter of a kind; `server` is the name that its errors give the server."""
    return ADAPTERS[kind](client, server=server)
