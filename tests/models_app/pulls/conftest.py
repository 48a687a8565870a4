"""A server that can pull, as a script has it."""

from collections.abc import Iterator

import pytest

from models_app.models import Backend
from tests.fakes.scripted import KIND, scripted
from tests.make import make_backend


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    with scripted([]):
        yield


@pytest.fixture
def backend() -> Backend:
    return make_backend(kind=KIND, name="gpu-01")
