"""Houses with a fake Ollama, a replayed vLLM and a key, for programs that call them."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from ollama import AsyncClient

from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.models import ApiKey, Backend, LanguageModel
from models_app.services.api_keys import make_key
from models_app.snapshot import forget
from tests.fakes.ollama_state import FakeOllama
from tests.fakes.replay import Answer, told
from tests.make import make_admin, make_backend, make_model, make_person
from tests.recordings import recorded

P = ParamSpec("P")
T = TypeVar("T")

MODEL = "smol:1b"
OTHER = "big-1"
VECTORS = "nomic"
CHAT = "/v1/chat/completions"
PARIS = "The capital of France is Paris."
SAID = "One two three."
REPLAYED = {
    CHAT: Answer(recorded("real-vllm-chat-stream.sse")),
    "/v1/embeddings": told(
        {
            "data": [{"index": 0, "embedding": [0.5, 0.25]}],
            "usage": {"prompt_tokens": 2},
        }
    ),
}


async def made(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Rows, made where the database is asked; what was known before is read anew."""
    rows = await in_db(work)(*args, **kwargs)
    forget()
    return rows


def key_for(person: User, **fields: Any) -> str:
    """The secret of a new key."""
    new = make_key(person, "mine", allowed_models=fields.pop("allowed_models", ()))
    ApiKey.objects.filter(pk=new.key.pk).update(**fields)
    return new.secret


def ollama_house(fake: FakeOllama, *names: str, **fields: Any) -> Backend:
    """A server of that kind, which has these models."""
    backend = make_backend(
        name="gpu-01", kind="ollama", base_url=fake.url, version="0.33.0", **fields
    )
    for name in names or (MODEL,):
        fake.hold(name)
        make_model(name, backend=backend)
    return backend


def vllm_house(url: str, *names: str) -> Backend:
    backend = make_backend(name="gpu-02", kind="vllm", base_url=url)
    for name in names or (OTHER,):
        make_model(name, backend=backend)
    return backend


def embedder(backend: Backend, name: str = VECTORS) -> LanguageModel:
    """A model that makes vectors only."""
    return make_model(name, backend=backend, chats=False, capabilities=["embedding"])


def at_ollama(fake: FakeOllama, *names: str) -> str:
    """A house with that server; the secret of a member's key."""
    ollama_house(fake, *names)
    return key_for(make_person())


def at_vllm(url: str, *names: str) -> str:
    vllm_house(url, *names)
    return key_for(make_person())


def managed(fake: FakeOllama, **fields: Any) -> str:
    """A house whose administrator has a key that may manage."""
    ollama_house(fake, abilities=None, **fields)
    return key_for(make_admin(), may_manage=True)


def client_of(gateway: str, secret: str) -> AsyncClient:
    """Ollama's own SDK, which knows of no keys: its address has it."""
    return AsyncClient(host=f"{gateway}/key/{secret}")
