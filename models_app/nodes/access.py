"""The user that each host has in Redis: it may touch what is its own, and nothing else.

Redis forgets users when it starts anew, so whoever takes samples in puts them there again.
"""

import logging
from collections.abc import Iterable

import redis
from kombu.transport.redis import (  # type: ignore[attr-defined] # the stubs lack them
    REFRESH_BINDING,
    SWEEP_BINDINGS,
)
from redis.lock import Lock

from models_app.gpu.keys import WATCHED, latest_key, node_prefix, samples_key
from models_app.models import Node
from models_app.nodes.troubles import Trouble, stored_trouble

log = logging.getLogger(__name__)

PREFIX = "node-"
COMMANDS = (
    # Its samples.
    *("xadd", "get", "exists"),
    # What a Celery worker does with its queues, its broadcasts and its link.
    *("llen", "lpush", "rpush", "brpop", "rpop", "sadd", "srem", "smembers"),
    *("hset", "hget", "hdel", "hlen", "zadd", "zrem", "zrange", "zrangebyscore"),
    *("set", "del", "pexpire", "evalsha", "script|exists", "time"),
    *("watch", "unwatch", "multi", "exec", "discard"),
    *("publish", "subscribe", "unsubscribe", "psubscribe", "punsubscribe"),
    *("ping", "select", "hello", "auth", "quit", "client|setinfo", "client|setname"),
)
"""All that a host's user may say; KEYS, SCAN, CONFIG, FLUSHALL and the rest are missing."""

SCRIPTS = (
    *(Lock.LUA_RELEASE_SCRIPT, Lock.LUA_EXTEND_SCRIPT, Lock.LUA_REACQUIRE_SCRIPT),
    *(REFRESH_BINDING, SWEEP_BINDINGS),
)
"""What a Celery worker runs. They are loaded for the hosts, which may load none of their
own: one that never ends would hold up everybody."""

CHANNELS = ("celery.pidbox", "celeryev/worker.*")
"""What a Celery worker listens to as a pattern."""


def user_of(node: str) -> str:
    """Its name in Redis."""
    return f"{PREFIX}{node}"


def rules_for(node: str, secret_hash: str, *, database: int = 0) -> list[str]:
    """ACL rules, from nothing on: one password, its own keys and channels, and `WATCHED`."""
    own = node_prefix(node)
    keys = (f"~{own}*", f"%R~{WATCHED}")
    # A pattern may be listened to only if it stands here letter by letter.
    listened = (f"&{own}/{database}.{each}" for each in CHANNELS)
    allowed = (f"+{command}" for command in COMMANDS)
    return ["reset", "on", f"#{secret_hash}", *keys, f"&{own}*", *listened, *allowed]


def grant(link: redis.Redis, node: str, secret_hash: str) -> None:
    """Make its user, or make it anew; raises what Redis says against it."""
    database = int(link.connection_pool.connection_kwargs.get("db") or 0)
    for script in SCRIPTS:
        link.script_load(script)
    rules = rules_for(node, secret_hash, database=database)
    # Its own `acl_setuser` knows no keys that may only be read.
    link.execute_command("ACL SETUSER", user_of(node), *rules)  # type: ignore[no-untyped-call]


def withdraw(link: redis.Redis, node: str) -> None:
    """End its user, with all its connections, and what is left of it in Redis."""
    link.acl_deluser(user_of(node))
    left = list(link.scan_iter(match=f"{node_prefix(node)}*", count=1000))
    link.delete(samples_key(node), latest_key(node), *left)


class Access:
    """The users as one process has put them into Redis since it connected."""

    def __init__(self, link: redis.Redis) -> None:
        self.link = link
        self._granted: dict[str, str] = {}
        self._refusal = ""

    def grant(self, nodes: Iterable[Node]) -> str:
        """Have exactly these in Redis; the trouble of hosts that cannot be let in, or ""."""
        wanted = {node.name: node.secret_hash for node in nodes if node.secret_hash}
        new = {k: v for k, v in wanted.items() if self._granted.get(k) != v}
        try:
            gone = self._there() - set(wanted)
            for name, secret_hash in new.items():
                grant(self.link, name, secret_hash)
            for name in gone:
                withdraw(self.link, name)
        except redis.ResponseError as refusal:
            return self._refused(str(refusal))
        self._granted, self._refusal = wanted, ""
        return ""

    def _there(self) -> set[str]:
        """The hosts that have a user, those that were removed while Redis was away too."""
        if self._granted:
            return set(self._granted)
        names = [str(each) for each in self.link.acl_users()]
        return {name[len(PREFIX) :] for name in names if name.startswith(PREFIX)}

    def _refused(self, why: str) -> str:
        if why != self._refusal:
            log.warning("The users of GPU hosts cannot be made in Redis: %s", why)
        self._refusal = why
        return stored_trouble(Trouble.NO_ACCESS, why)
