"""A GPU host of a running house, as far as its samples go."""

import itertools
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis

from dashboard.runner.valkey import valkey_address
from models_app.gpu.keys import samples_key
from models_app.gpu.samples import Card, write_sample
from tests.house import House
from tests.make import make_sample

Say = Callable[..., None]


@contextmanager
def hosted(house: House, node: str) -> Iterator[Say]:
    """Has the host say something of its cards, as its agent would; at the end it is gone."""
    path = house.data / "paddock.sqlite3"
    with sqlite3.connect(path, timeout=20) as rows:
        rows.execute(
            "INSERT INTO models_app_node (name, secret_hash, added_at, boot,"
            " driver, state, trouble) VALUES (?, '', '2026-01-01', '', '', '', '')"
            " ON CONFLICT (name) DO UPDATE SET retired_at = NULL",
            [node],
        )
    with redis.Redis.from_url(valkey_address(house.data)) as link:
        counted, boot = itertools.count(1), f"boot-{time.time()}"

        # Good for long, however busy the machine: a gap follows what is not repeated.
        def send(*cards: Card) -> None:
            sample = make_sample(
                node,
                time.time(),
                seq=next(counted),
                boot=boot,
                cards=cards,
                interval=60,
            )
            link.xadd(samples_key(node), {"sample": write_sample(sample)})

        yield send
    with sqlite3.connect(path, timeout=20) as rows:
        removed = "UPDATE models_app_node SET retired_at = '2026-01-02' WHERE name = ?"
        rows.execute(removed, [node])
