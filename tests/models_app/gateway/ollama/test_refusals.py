"""What is refused before a server is asked, as Ollama's own SDK tells it."""

import httpx
import pytest
from ollama import ResponseError

from models_app.models import LanguageModel
from tests.fakes.ollama_state import FakeOllama
from tests.models_app.gateway.ollama.houses import (
    MODEL,
    at_ollama,
    client_of,
    made,
)

PICTURE = "iVBORw0KGgo="


def at_blind_ollama(fake: FakeOllama) -> str:
    secret = at_ollama(fake)
    LanguageModel.objects.update(capabilities=["completion"])
    return secret


async def test_a_picture_for_a_model_that_takes_none_asks_no_server(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(at_blind_ollama, fake)
    shown = [{"role": "user", "content": "What is it?", "images": [PICTURE]}]
    async with client_of(gateway, secret) as client:
        with pytest.raises(ResponseError, match="takes no pictures") as refused:
            await client.chat(MODEL, messages=shown)
        with pytest.raises(ResponseError, match="takes no pictures"):
            await client.generate(MODEL, "What is it?", images=[PICTURE])

    assert refused.value.status_code == 400
    assert fake.asked == []


async def test_where_the_models_are_listed_is_said_in_the_same_dialect(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(at_ollama, fake)
    async with client_of(gateway, secret) as client:
        with pytest.raises(ResponseError, match="GET /api/tags lists") as refused:
            await client.show("nobody")
    async with httpx.AsyncClient(base_url=f"{gateway}/key/{secret}") as http:
        others = await http.get("/v1/models/nobody")

    assert refused.value.status_code == others.status_code == 404
    assert "GET /v1/models lists" in others.text


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ({"options": {"temperatur": 1}}, "options.temperature"),
        ({"temperature": 1}, "options.temperature"),
        ({"fromat": "json"}, "format"),
    ],
)
async def test_a_slip_is_told_with_what_is_meant(
    gateway: str, fake: FakeOllama, sent: dict[str, object], meant: str
) -> None:
    secret = await made(at_ollama, fake)
    async with httpx.AsyncClient(base_url=f"{gateway}/key/{secret}") as http:
        refused = await http.post("/api/chat", json={"model": MODEL, **sent})

    assert refused.status_code == 400
    assert f"Did you mean “{meant}”?" in refused.json()["error"]
