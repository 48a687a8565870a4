"""Where things of the status page are in Redis, and who may touch what.

Everything of one node stands under its own prefix: its samples, its Celery queue and what
Celery keeps beside that. A node's user may touch that prefix, and read `WATCHED`.
"""

import re
import socket

NODE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?")
"""A host name in small letters; it stands in keys, in ACL rules and on the page."""


LONGEST_NODE_NAME = 63


def own_name(told: str = "") -> str:
    """The name of this very host: what it was told, else its host name, made to fit
    `NODE_NAME`."""
    plain = re.sub(r"[^a-z0-9.-]+", "-", (told or socket.gethostname()).lower())
    return plain[:LONGEST_NODE_NAME].strip(".-") or "this-host"


WATCHED = "paddock:status:watched"
"""There while somebody looks at the status page; see `WATCH_SECONDS`."""
WATCH_SECONDS = 15
"""How long one word of a page that is open is good for."""

STREAM_LENGTH = 60
"""Samples of a node that wait for whoever takes them in."""


def node_prefix(node: str) -> str:
    return f"node:{node}:"


def node_queue(node: str) -> str:
    """The Celery queue of a node's own worker."""
    return f"node.{node}"


def samples_key(node: str) -> str:
    """A stream of its newest samples; each entry has one field, `sample`."""
    return f"{node_prefix(node)}samples"


def latest_key(node: str) -> str:
    """Ours: the last sample that was taken in, with `received_at`; for pages."""
    return f"paddock:status:latest:{node}"


def ring_key(uuid: str) -> str:
    """Ours: the last hour of one card, a second a slot."""
    return f"paddock:status:ring:{uuid}"


FIGURES = "paddock:status:figures"
"""Ours: a hash of what each model server last told in numbers, by its number."""
