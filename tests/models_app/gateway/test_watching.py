"""A key that ends takes along what is being written for it."""

import json
from collections.abc import Callable

import httpx
import pytest

from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.models import ApiKey
from models_app.services.api_keys import make_key, revoke_key
from models_app.snapshot import forget
from tests.fakes.paced import MODEL, WORDS, speaking
from tests.make import make_backend, make_model, make_person

ASK = {
    "model": MODEL,
    "stream": True,
    "messages": [{"role": "user", "content": "hello"}],
}


def a_key(url: str) -> str:
    make_model(MODEL, backend=make_backend(base_url=url))
    forget()
    return make_key(make_person(), "mine").secret


def revoke() -> None:
    key = ApiKey.objects.select_related("person").get()
    revoke_key(key, by=key.person)


def disable() -> None:
    User.objects.update(is_active=False)


@pytest.mark.parametrize("end", [revoke, disable])
async def test_what_is_under_way_for_a_key_ends_with_it(
    end: Callable[[], None], gateway: str
) -> None:
    said: list[str] = []
    with speaking() as url:
        secret = await in_db(a_key)(url)
        headers = {"Authorization": f"Bearer {secret}"}
        async with (
            httpx.AsyncClient(base_url=gateway, headers=headers) as http,
            http.stream("POST", "/v1/chat/completions", json=ASK) as answer,
        ):
            async for line in answer.aiter_lines():
                if not said:
                    await in_db(end)()
                said.append(line)

    events = [line.removeprefix("data: ") for line in said if line]
    assert json.loads(events[-1])["error"]["code"] == "invalid_api_key"
    assert 0 < len(events) < WORDS / 2
