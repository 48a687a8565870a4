"""An Ollama for the tests of its dialect."""

from collections.abc import Iterator

import pytest

from tests.fakes.ollama import ollama
from tests.fakes.ollama_state import FakeOllama


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with ollama() as running:
        yield running
