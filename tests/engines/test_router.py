"""What only a router does: its models come when they are asked to talk, and not before."""

from pathlib import Path

import pytest

from models_app.adapters.detect import examine
from tests.engines.recipes import opened_router
from tests.engines.servers import MODEL, Server, asked, members

pytestmark = pytest.mark.engines


def states(router: Server) -> dict[str, str]:
    entries = router.get("/models").json()["data"]
    return {each["id"]: each["status"]["value"] for each in entries}


async def test_looking_at_a_router_loads_nothing(fresh_router: Server) -> None:
    async with fresh_router.adapter() as adapter:
        await examine(fresh_router.url)
        await adapter.list_models()

    assert states(fresh_router) == {MODEL: "unloaded", "second": "unloaded"}


async def test_a_chat_loads_its_model_and_no_other(fresh_router: Server) -> None:
    await fresh_router.reply(asked("Hello.", num_predict=1))

    assert states(fresh_router) == {MODEL: "loaded", "second": "unloaded"}


async def test_a_server_takes_its_children_with_it(tmp_path: Path) -> None:
    with opened_router(tmp_path) as router:
        await router.reply(asked("Hello.", num_predict=1))
        assert len(members(router.process)) == 2

    assert members(router.process) == []
