"""The gateway over a real socket: what is there, and who is let in."""

import httpx

from dashboard.live.db import in_db
from models_app.services.api_keys import make_key
from tests.make import make_model, make_person


def a_key() -> str:
    """The secret of somebody's key; `tiny` is theirs to ask."""
    make_model("tiny")
    return make_key(make_person(), "mine").secret


async def test_a_program_with_a_key_is_told_the_models(gateway: str) -> None:
    secret = await in_db(a_key)()
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=gateway, headers=headers) as http:
        told = (await http.get("/v1/models")).json()

    assert [each["id"] for each in told["data"]] == ["tiny"]


async def test_a_program_without_a_key_learns_nothing(gateway: str) -> None:
    await in_db(a_key)()
    async with httpx.AsyncClient(base_url=gateway) as http:
        answer = await http.get("/v1/models")

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "missing_api_key"


async def test_no_answer_repeats_the_key_of_an_address(gateway: str) -> None:
    secret = await in_db(a_key)()
    async with httpx.AsyncClient(base_url=f"{gateway}/key/{secret}") as http:
        missing = await http.get("/v1/nothing")
        slash = await http.post("/v1/chat/completions/")
        wrong = await http.get("/v1/chat/completions")

    assert [each.status_code for each in (missing, slash, wrong)] == [404, 404, 405]
    assert wrong.headers["allow"] == "POST"
    assert not [each for each in (missing, slash, wrong) if secret in each.text]
    assert missing.headers["cache-control"] == "no-store"
