"""A server that accepts whoever comes, and never answers."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deaf_redis() -> Iterator[str]:
    """The address of one where Redis should be."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
