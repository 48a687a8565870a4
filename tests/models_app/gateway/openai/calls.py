"""Somebody's key, and what they ask with it."""

from collections.abc import Awaitable, Callable
from typing import Any

from openai import AsyncOpenAI

from models_app.services.api_keys import make_key
from models_app.snapshot import forget
from tests.make import make_backend, make_model, make_person

MODEL = "tiny"
HELLO: list[Any] = [{"role": "user", "content": "hello"}]
CHAT = "/v1/chat/completions"

ClientFor = Callable[..., Awaitable[AsyncOpenAI]]


def a_key(*urls: str, **fields: object) -> str:
    """The secret of a member, for whom servers at these addresses have `MODEL`."""
    for number, url in enumerate(urls):
        backend = make_backend(name=f"gpu-{number}", base_url=url, **fields)
        make_model(MODEL, backend=backend)
    forget()
    return make_key(make_person("olive"), "mine").secret
