"""Paddock with nothing to do: how soon it is ready, and what it takes from the machine."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.house import cpu_seconds, house_up, memory_mb
from bench.table import Row
from tests.house import House

SETTLE = 20
WATCHED = 10
"""Seconds of idleness: first to come to rest, then to look on."""
SIGNS = {
    "web": "manage.py web",
    "worker": "-Q short",
    "puller": "-Q long",
    "valkey": "valkey-server",
}
RUNNER = {"runner": "keeper.py"}


def idle(data: Path) -> Iterator[Row]:
    """The first start on an empty data folder, a rest, and the second start."""
    with _timed_start(data) as (house, seconds):
        yield Row("first start to ready, s", f"{seconds:.1f}")
        time.sleep(SETTLE)
        yield from _memory(house)
        yield _cpu(house)
    with _timed_start(data) as (house, seconds):
        yield Row("second start to ready, s", f"{seconds:.1f}", target="≤ 5")


@contextmanager
def _timed_start(data: Path) -> Iterator[tuple[House, float]]:
    """A house, and how long it took until /healthz was well and it said so."""
    began = time.perf_counter()
    with house_up(data) as house:
        yield house, time.perf_counter() - began


def _memory(house: House) -> Iterator[Row]:
    each = {name: memory_mb(house.pid_of(sign)) for name, sign in SIGNS.items()}
    yield Row(
        f"idle memory of {' + '.join(each)}, PSS, MB",
        f"{' + '.join(f'{mb:.0f}' for mb in each.values())} = {sum(each.values()):.0f}",
        target="≤ 350",
    )
    runner = memory_mb(house.pid_of(RUNNER["runner"]))
    yield Row("idle memory of the runner, PSS, MB", f"{runner:.0f}")


def _cpu(house: House) -> Row:
    pids = {name: house.pid_of(sign) for name, sign in (SIGNS | RUNNER).items()}
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    time.sleep(WATCHED)
    shares = [(cpu_seconds(pid) - before[name]) / WATCHED for name, pid in pids.items()]
    return Row(
        f"idle CPU of {' + '.join(pids)}, % of a core",
        " + ".join(f"{share:.1%}".rstrip("%") for share in shares),
    )
