"""The real servers: a router of llama.cpp and vLLM, each started when first asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.recipes import opened_router, opened_vllm
from tests.engines.servers import Server

KEY = "a-key-of-the-tests"


@pytest.fixture(scope="session")
def router(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with opened_router(tmp_path_factory.mktemp("router")) as server:
        yield server


@pytest.fixture
def fresh_router(tmp_path: Path) -> Iterator[Server]:
    """One that has loaded nothing yet."""
    with opened_router(tmp_path) as server:
        yield server


@pytest.fixture(scope="session")
def locked_router(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with opened_router(tmp_path_factory.mktemp("locked"), key=KEY) as server:
        yield server


@pytest.fixture(scope="session")
def vllm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """It wants a key."""
    with opened_vllm(tmp_path_factory.mktemp("vllm"), key=KEY) as server:
        yield server


@pytest.fixture(params=["router", "vllm"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each server in turn."""
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["locked_router", "vllm"])
def locked(request: pytest.FixtureRequest) -> Server:
    """Each server that wants a key."""
    found: Server = request.getfixturevalue(request.param)
    return found
