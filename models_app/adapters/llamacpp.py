"""llama.cpp's own server: OpenAI's dialect and the sampling fields that it invented."""

from models_app.adapters.openai import OpenAIAdapter


class LlamaCppAdapter(OpenAIAdapter):
    names = {**OpenAIAdapter.names, "repeat_penalty": ("repeat_penalty",)}
