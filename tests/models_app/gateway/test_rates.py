"""How often a key may ask, as a program is told."""

import httpx
import pytest

from dashboard.live.bus import link
from dashboard.live.db import in_db
from models_app.services.api_keys import make_key
from models_app.snapshot import forget
from tests.fakes.replay import Answer, replaying
from tests.make import make_backend, make_model, make_person
from tests.recordings import recorded

CHAT = "/v1/chat/completions"
STREAM = Answer(recorded("real-vllm-chat-stream.sse"))
ASK = {"model": "tiny", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    if keys := link().keys("paddock:quota:*"):
        link().delete(*keys)


def one_a_minute(url: str) -> str:
    make_model("tiny", backend=make_backend(base_url=url, kind="vllm"))
    forget()
    return make_key(make_person(), "mine", requests_a_minute=1).secret


async def test_a_key_that_is_spent_is_told_when_to_ask_again(gateway: str) -> None:
    async with replaying({CHAT: STREAM}) as server:
        secret = await in_db(one_a_minute)(server.url)
        headers = {"Authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(base_url=gateway, headers=headers) as http:
            unfit = await http.post(CHAT, json={**ASK, "model": "gone"})
            first = await http.post(CHAT, json={**ASK, "stream": True})
            second = await http.post(CHAT, json=ASK)
            listed = await http.get("/v1/models")

    told = second.json()["error"]
    assert [each.status_code for each in (unfit, first, second, listed)] == [
        *(404, 200, 429, 200)
    ]
    assert 0 < int(second.headers["retry-after"]) <= 60
    assert (told["type"], told["code"]) == ("rate_limit_error", "rate_limit_exceeded")
    assert len([each for each in server.asked if each.path == CHAT]) == 1
