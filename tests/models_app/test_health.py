import pytest

from dashboard.live.db import in_db
from models_app.health import refresh_all
from models_app.models import Backend
from tests.fakes.replay import replaying, told
from tests.make import make_backend, make_model

pytestmark = pytest.mark.django_db(transaction=True)


def backends() -> list[Backend]:
    return list(Backend.objects.order_by("pk"))


async def test_what_a_server_lists_is_kept_and_what_it_no_longer_lists_is_unlisted() -> (
    None
):
    models = told({"data": [{"id": "new", "max_model_len": 4096}]})
    async with replaying({"/v1/models": models}) as server:
        backend = await in_db(make_backend)(base_url=server.url)
        await in_db(make_model)("old", backend=backend)

        await refresh_all(await in_db(backends)())

    rows = await in_db(backend.language_models.values_list)("name", "listed", "context")
    assert sorted(await in_db(list)(rows)) == [
        ("new", True, 4096),
        ("old", False, None),
    ]


async def test_one_unreadable_key_and_one_dead_server_stop_no_other() -> None:
    models = told({"data": [{"id": "fine"}]})
    async with replaying({"/v1/models": models}) as server:
        await in_db(make_backend)(sealed_key="not ours")
        await in_db(make_backend)(base_url="http://127.0.0.1:9")
        await in_db(make_backend)(base_url=server.url)

        await refresh_all(await in_db(backends)())

    codes = [each.failure_code for each in await in_db(backends)()]
    assert codes == ["key_unreadable", "backend_unreachable", ""]


async def test_a_model_of_somebodys_cloud_is_not_offered() -> None:
    cloud = {"name": "big:cloud", "remote_model": "big", "details": {}}
    tags = told({"models": [cloud, {"name": "tiny:latest", "details": {}}]})
    async with replaying({"/api/tags": tags}) as server:
        backend = await in_db(make_backend)(base_url=server.url, kind="ollama")

        await refresh_all([backend])

    names = await in_db(backend.language_models.values_list)("name", flat=True)
    assert await in_db(list)(names) == ["tiny:latest"]
