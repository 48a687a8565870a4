"""vLLM: OpenAI's dialect with a few sampling fields of its own."""

from models_app.adapters.openai import OpenAIAdapter


class VLLMAdapter(OpenAIAdapter):
    names = {**OpenAIAdapter.names, "repeat_penalty": ("repetition_penalty",)}
    keeps_connections = True
