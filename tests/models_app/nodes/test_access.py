"""What the user of a GPU host may do in Redis, and all that it may not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from celery import Celery
from django.conf import settings

from models_app.gpu.keys import WATCHED, latest_key, ring_key, samples_key
from models_app.models import Node
from models_app.nodes.access import Access, rules_for
from models_app.nodes.adding import add_node, retire_node
from models_app.nodes.queries import nodes_now
from tests.make import make_node
from tests.processes import until

pytestmark = pytest.mark.django_db

WORKER = """
import os
from pathlib import Path
from celery import Celery

app = Celery("node", broker=os.environ["BROKER"])
app.conf.broker_transport_options = {"global_keyprefix": "node:gpu-01:"}
app.conf.task_ignore_result = True
app.conf.worker_enable_remote_control = False

@app.task(name="mark")
def mark(path):
    Path(path).touch()
"""


@pytest.fixture
def house() -> Iterator[redis.Redis]:
    link = redis.Redis.from_url(settings.REDIS_URL)
    yield link
    for user in link.acl_users():
        if str(user).startswith(("paddock-node-", "node-")):
            link.acl_deluser(str(user))
    link.flushdb()
    link.close()


@pytest.fixture
def host(house: redis.Redis) -> Iterator[redis.Redis]:
    """The link of gpu-01 by its own user."""
    link = redis.Redis.from_url(address_of(add_node("gpu-01").secret))
    yield link
    link.close()


def address_of(secret: str) -> str:
    place = urlsplit(settings.REDIS_URL)
    return f"redis://paddock-node-gpu-01:{secret}@{place.hostname}:{place.port}/0"


def test_a_host_puts_in_its_samples_and_knows_who_watches(
    house: redis.Redis, host: redis.Redis
) -> None:
    house.set(WATCHED, "1")

    host.xadd(samples_key("gpu-01"), {"sample": "{}"}, maxlen=60)

    assert host.exists(WATCHED)
    assert house.xlen(samples_key("gpu-01")) == 1


FORBIDDEN = [
    f"XADD {samples_key('gpu-02')} * sample x",
    f"XADD {samples_key('gpu-011')} * sample x",
    f"XREAD STREAMS {samples_key('gpu-02')} 0",
    f"XRANGE {samples_key('gpu-01')} - +",
    f"SET {WATCHED} 1",
    f"DEL {WATCHED}",
    f"GET {latest_key('gpu-01')}",
    f"SET {latest_key('gpu-01')} x",
    f"SETRANGE {ring_key('GPU-1')} 0 x",
    "LPUSH celery:short x",
    "BRPOP celery:short celery:long 1",
    "LLEN short",
    "HSET celery:unacked a b",
    "SMEMBERS celery:_kombu.binding.celery.pidbox",
    "GET paddock:presence:1",
    "PUBLISH paddock__group__house x",
    "PUBLISH paddock__group__status x",
    "SUBSCRIBE paddock__group__status",
    "PSUBSCRIBE *",
    "PSUBSCRIBE paddock*",
    "PSUBSCRIBE celery:/0.celery.pidbox",
    "PSUBSCRIBE node:gpu-01:*",
    "KEYS *",
    "SCAN 0",
    "DBSIZE",
    "RANDOMKEY",
    "FLUSHALL",
    "FLUSHDB",
    "SWAPDB 0 1",
    "CONFIG GET requirepass",
    "CONFIG SET maxmemory 1",
    "ACL LIST",
    "ACL SETUSER paddock-node-gpu-01 +@all",
    "ACL WHOAMI",
    "CLIENT LIST",
    "CLIENT KILL TYPE normal",
    "PUBSUB CHANNELS",
    "INFO",
    "MONITOR",
    "SHUTDOWN NOSAVE",
    "SAVE",
    "REPLICAOF NO ONE",
    "MODULE LIST",
    "SLOWLOG GET",
    "SCRIPT FLUSH",
    "FUNCTION LIST",
    "RENAME node:gpu-01:a paddock:b",
    "COPY celery:short node:gpu-01:a",
    "MIGRATE 127.0.0.1 1 node:gpu-01:a 0 10",
    "OBJECT ENCODING celery:short",
    "SORT celery:short",
]


@pytest.mark.parametrize("command", FORBIDDEN)
def test_a_host_can_touch_nothing_else(host: redis.Redis, command: str) -> None:
    with pytest.raises(redis.exceptions.NoPermissionError):
        host.execute_command(*command.split())  # type: ignore[no-untyped-call]


def test_a_host_loads_no_script_of_its_own(host: redis.Redis) -> None:
    with pytest.raises(redis.exceptions.NoPermissionError):
        host.script_load("while true do end")


def test_no_script_takes_a_host_any_further(
    host: redis.Redis, house: redis.Redis
) -> None:
    steal = house.script_load("return redis.call('lpush', 'celery:short', 'x')")

    with pytest.raises(redis.ResponseError, match="ACL failure"):
        host.evalsha(steal, 0)


@pytest.mark.parametrize("user", ["paddock-node-gpu-01", "paddock-node-gpu-02"])
def test_a_wrong_secret_opens_nothing(host: redis.Redis, user: str) -> None:
    with pytest.raises(redis.AuthenticationError):
        host.execute_command("AUTH", user, "wrong")  # type: ignore[no-untyped-call]


def test_a_new_secret_ends_the_old_one(host: redis.Redis) -> None:
    add_node("gpu-01", new_secret=True)

    host.connection_pool.disconnect()
    with pytest.raises(redis.AuthenticationError):
        host.ping()


def test_a_host_that_is_removed_is_out_at_once_and_leaves_nothing(
    house: redis.Redis, host: redis.Redis
) -> None:
    host.xadd(samples_key("gpu-01"), {"sample": "{}"})
    host.set("node:gpu-01:more", "x")

    retire_node("gpu-01")

    with pytest.raises(redis.RedisError):
        host.ping()
    assert house.keys("node:*") == []
    assert Node.objects.get().retired_at is not None
    assert nodes_now(0)[0].retired


def test_a_host_that_is_added_again_is_back(host: redis.Redis) -> None:
    retire_node("gpu-01")

    secret = add_node("gpu-01").secret

    with redis.Redis.from_url(address_of(secret)) as link:
        assert link.ping()
    assert Node.objects.get().retired_at is None


def test_redis_that_forgot_its_users_gets_them_again(
    house: redis.Redis, host: redis.Redis
) -> None:
    house.acl_deluser("paddock-node-gpu-01")

    assert Access(house).grant(Node.objects.all()) == ""

    host.connection_pool.disconnect()
    assert host.ping()


def test_a_redis_that_began_anew_gets_its_users_whatever_it_kept_of_them(
    house: redis.Redis, host: redis.Redis
) -> None:
    access = Access(house)
    access.grant(Node.objects.all())
    house.acl_setuser("paddock-node-gpu-01", reset=True)
    access._run = "the one before"

    access.grant(Node.objects.all())

    host.connection_pool.disconnect()
    assert host.ping()


def test_a_user_that_is_gone_is_back_at_the_next_look(
    house: redis.Redis, host: redis.Redis
) -> None:
    access = Access(house)
    access.grant(Node.objects.all())
    house.acl_deluser("paddock-node-gpu-01")

    access.grant(Node.objects.all())

    assert "paddock-node-gpu-01" in house.acl_users()


def test_users_of_hosts_that_were_removed_meanwhile_go(
    house: redis.Redis, host: redis.Redis
) -> None:
    Node.objects.update(retired_at="2026-01-01T00:00Z", secret_hash="")

    Access(house).grant(Node.objects.all())

    assert "paddock-node-gpu-01" not in house.acl_users()


def test_users_that_are_of_no_host_of_ours_stay(house: redis.Redis) -> None:
    others = {"node-gpu-01", "node-exporter", "paddock-node-of-another-house"}
    for name in others:
        house.acl_setuser(name, enabled=True, keys=["*"])
    make_node("gpu-01", retired_at="2026-01-01T00:00Z")
    add_node("exporter")

    Access(house).grant(Node.objects.all())
    retire_node("exporter")

    assert others <= set(house.acl_users())


def former_user(house: redis.Redis, secret_hash: str) -> None:
    """As it was made for gpu-01 before names began as they do now."""
    rules = rules_for("gpu-01", secret_hash)
    house.execute_command("ACL SETUSER", "node-gpu-01", *rules)  # type: ignore[no-untyped-call]


def test_a_host_of_the_former_name_may_go_on_until_it_has_a_new_secret(
    house: redis.Redis,
) -> None:
    node = make_node("gpu-01", secret_hash="0" * 64)
    former_user(house, node.secret_hash)

    Access(house).grant(Node.objects.all())
    assert {"node-gpu-01", "paddock-node-gpu-01"} <= set(house.acl_users())

    add_node("gpu-01", new_secret=True)
    assert "node-gpu-01" not in house.acl_users()


def test_a_host_of_the_former_name_is_out_when_it_is_removed(
    house: redis.Redis,
) -> None:
    node = make_node("gpu-01", secret_hash="0" * 64)
    former_user(house, node.secret_hash)

    retire_node("gpu-01")

    assert "node-gpu-01" not in house.acl_users()


def test_redis_that_lets_us_make_no_users_is_said(
    house: redis.Redis, host: redis.Redis
) -> None:
    refusal = Access(host).grant(Node.objects.all())

    assert refusal.startswith("no-access:")
    assert "permission" in refusal


def test_a_real_worker_lives_within_the_bounds_of_its_user(
    host: redis.Redis, tmp_path: Path, house: redis.Redis
) -> None:
    (tmp_path / "node_app.py").write_text(WORKER)
    password = host.connection_pool.connection_kwargs["password"]
    celery = [sys.executable, "-m", "celery", "-q", "-A", "node_app", "worker"]
    environment = {**os.environ, "BROKER": address_of(password)}
    environment.pop("DJANGO_SETTINGS_MODULE")
    house.acl_log_reset()
    options = ["-Q", "node.gpu-01", "-P", "solo", "-n", "node@gpu-01"]
    with subprocess.Popen(
        [*celery, *options, "--without-gossip", "--without-mingle"],
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
    ) as worker:
        try:
            ours = Celery(broker=settings.REDIS_URL)
            prefix = {"global_keyprefix": "node:gpu-01:"}
            ours.conf.broker_transport_options = prefix
            done = tmp_path / "done"
            ours.send_task("mark", (str(done),), queue="node.gpu-01")
            until(done.exists, seconds=30)
        finally:
            worker.terminate()
            said = worker.communicate(timeout=20)[1].decode()
            ours.close()
    assert "permission" not in said.lower()
    assert house.acl_log() == []
