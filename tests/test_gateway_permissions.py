"""Who may call: every address of the gateway, for every kind of person, by their cookie."""

from collections.abc import Iterator

import httpx
import pytest
from django.conf import settings
from starlette.routing import BaseRoute, Mount, Route

from dashboard.asgi import application as house_application
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.gateway.app import application
from tests.roles import ROLES, House, client_of, make_house


@pytest.fixture
def house(transactional_db: None) -> House:
    return make_house()


def addresses(routes: list[BaseRoute], before: str = "") -> Iterator[tuple[str, str]]:
    """Each method and path that there is; what is in the path is made up."""
    for route in routes:
        if isinstance(route, Mount):
            yield from addresses(route.routes, before + route.path)
        elif isinstance(route, Route):
            path = (before + route.path).replace("{secret}", "pdk-nobodys")
            for method in (route.methods or set()) - {"HEAD", "OPTIONS"}:
                named = path.replace("{name:path}", "tiny").replace("{name}", "one")
                yield method, named


ADDRESSES = sorted(set(addresses(application.routes)))


def test_every_address_is_known() -> None:
    paths = {path for _, path in ADDRESSES}

    assert {"/v1/models", "/v1/chat/completions", "/v1/embeddings"} <= paths
    assert {"/v1/files", "/v1/batches", "/v1/batches/one/cancel"} <= paths
    assert "/key/pdk-nobodys/v1/models" in paths
    assert not [path for path in paths if "{" in path]


def session_of(person: User | None) -> str:
    cookie = client_of(person).cookies.get(settings.SESSION_COOKIE_NAME)
    return f"{settings.SESSION_COOKIE_NAME}={cookie.value}" if cookie else ""


@pytest.mark.parametrize("role", ROLES)
async def test_a_cookie_lets_nobody_call(role: str, house: House) -> None:
    cookie = await in_db(session_of)(house.people[role])
    assert bool(cookie) is (role != "anonymous")
    transport = httpx.ASGITransport(house_application)
    headers = {"Cookie": cookie, "Content-Type": "application/json"}

    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost:8420", headers=headers
    ) as http:
        answers = [
            await http.request(method, path, content=b"" if method == "GET" else b"{}")
            for method, path in ADDRESSES
        ]

    assert {each.status_code for each in answers} == {401}
    assert {each.headers["content-type"] for each in answers} == {"application/json"}
    assert not [each for each in answers if "set-cookie" in each.headers]
