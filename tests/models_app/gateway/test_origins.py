"""Scripts of which pages may call: none but our own, unless a key names theirs."""

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest

from dashboard.live.db import in_db
from models_app.gateway.preflight import forget_origins
from models_app.models import ApiKey
from models_app.services.api_keys import make_key
from tests.make import make_model, make_person

APP, EVIL = "https://app.example", "https://evil.example"
MODELS = "/v1/models"
ALLOWED = "access-control-allow-origin"


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    forget_origins()


def a_key(*origins: str) -> str:
    make_model("tiny")
    secret = make_key(make_person(), "mine").secret
    ApiKey.objects.update(origins=list(origins))
    return secret


async def asked(
    gateway: str, method: str, headers: Mapping[str, str]
) -> httpx.Response:
    async with httpx.AsyncClient(base_url=gateway) as http:
        return await http.request(method, MODELS, headers=headers)


@asynccontextmanager
async def busy_database() -> AsyncIterator[None]:
    """Its thread does something that takes long."""
    done = threading.Event()
    work = asyncio.ensure_future(in_db(done.wait)(60))
    try:
        yield
    finally:
        done.set()
        await work


@pytest.mark.parametrize(("origin", "status"), [(APP, 200), (EVIL, 403), ("null", 403)])
async def test_only_pages_that_the_key_names_read_an_answer(
    gateway: str, origin: str, status: int
) -> None:
    secret = await in_db(a_key)(APP)
    told = {"Authorization": f"Bearer {secret}", "Origin": origin}

    answer = await asked(gateway, "GET", told)

    assert answer.status_code == status
    assert answer.headers.get(ALLOWED) == (origin if status == 200 else None)
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(("origin", "status"), [(APP, 204), (EVIL, 403)])
async def test_a_browser_is_told_beforehand(
    gateway: str, origin: str, status: int
) -> None:
    await in_db(a_key)(APP)
    wanted = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    answer = await asked(gateway, "OPTIONS", wanted)

    assert answer.status_code == status
    assert answer.headers.get(ALLOWED) == (origin if status == 204 else None)
    granted = answer.headers.get("access-control-allow-headers")
    assert granted == ("authorization,content-type" if status == 204 else None)


async def test_what_was_read_a_moment_ago_does_not_wait_for_the_database(
    gateway: str,
) -> None:
    await in_db(a_key)(APP)
    wanted = {"Origin": EVIL, "Access-Control-Request-Method": "POST"}
    await asked(gateway, "OPTIONS", wanted)

    async with busy_database():
        answer = await asked(gateway, "OPTIONS", wanted)

    assert answer.status_code == 403


async def test_what_is_no_key_does_not_wait_for_the_database(gateway: str) -> None:
    async with busy_database():
        for secret in ("sk-none", "pdk-short", "pdk-" + "x" * 42 + "\x7f"):
            answer = await asked(gateway, "GET", {"Authorization": f"Bearer {secret}"})

            assert answer.status_code == 401


async def test_what_is_no_browser_names_no_origin_and_is_not_asked(
    gateway: str,
) -> None:
    secret = await in_db(a_key)()

    answer = await asked(gateway, "GET", {"Authorization": f"Bearer {secret}"})

    assert answer.status_code == 200
    assert ALLOWED not in answer.headers
