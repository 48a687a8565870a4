"""The starter engine as a child: a real llama.cpp with a small model."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.processes import until

COMMAND = Path(__file__).parent.parent / "models_app" / "starter_engine.py"


@pytest.fixture(scope="session")
def engine() -> Iterator[str]:
    """Its base URL; the tests of one process share it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    child = subprocess.Popen(
        [sys.executable, "-P", COMMAND, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
    )
    try:
        until(lambda: child.poll() is not None or _answers(url), seconds=60)
        assert child.poll() is None, "The engine ended before it answered."
        yield url
    finally:
        child.kill()
        child.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", trust_env=False).is_success
    except httpx.TransportError:
        return False
