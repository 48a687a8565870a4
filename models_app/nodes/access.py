"""The user that each host has in Redis: it may touch what is its own, and nothing else.

Redis forgets users when it starts anew, so whoever takes samples in puts them there again.
"""

import logging
from collections.abc import Iterable
from typing import Any

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

PREFIX = "paddock-node-"
FORMER_PREFIX = "node-"
"""Of users that were made before Redis was shared with others in mind."""
COMMANDS = (
    # Its samples.
    *("xadd", "get", "exists"),
    # What a Celery worker does with its queues, its broadcasts and its link.
    *("llen", "lpush", "rpush", "brpop", "rpop", "sadd", "srem", "smembers"),
    *("hset", "hget", "hdel", "hlen", "zadd", "zrem", "zrange", "zrangebyscore"),
    *("set", "del", "pexpire", "evalsha", "script|exists", "time"),
    *("watch", "unwatch", "multi", "exec", "discard"),
    *("publish", "subscribe", "unsubscribe"),
    *("ping", "select", "hello", "auth", "quit", "client|setinfo", "client|setname"),
)
"""All that a host's user may say; KEYS, SCAN, CONFIG, FLUSHALL and the rest are missing."""

SCRIPTS = (
    *(Lock.LUA_RELEASE_SCRIPT, Lock.LUA_EXTEND_SCRIPT, Lock.LUA_REACQUIRE_SCRIPT),
    *(REFRESH_BINDING, SWEEP_BINDINGS),
)
"""What a Celery worker runs. They are loaded for the hosts, which may load none of their
own: one that never ends would hold up everybody."""


def user_of(node: str) -> str:
    """Its name in Redis."""
    return f"{PREFIX}{node}"


def rules_for(node: str, secret_hash: str) -> list[str]:
    """ACL rules, from nothing on: one password, its own keys and channels, and `WATCHED`."""
    own = node_prefix(node)
    keys = (f"~{own}*", f"%R~{WATCHED}")
    allowed = (f"+{command}" for command in COMMANDS)
    return ["reset", "on", f"#{secret_hash}", *keys, f"&{own}*", *allowed]


def grant(link: redis.Redis, node: str, secret_hash: str) -> None:
    """Make its user, or make it anew; raises what Redis says against it."""
    for script in SCRIPTS:
        link.script_load(script)
    rules = rules_for(node, secret_hash)
    # Its own `acl_setuser` knows no keys that may only be read.
    link.execute_command("ACL SETUSER", user_of(node), *rules)  # type: ignore[no-untyped-call]
    _end_former(link, node, unless=secret_hash)


def withdraw(link: redis.Redis, node: str) -> None:
    """End its user, with all its connections, and what is left of it in Redis."""
    link.acl_deluser(user_of(node))
    _end_former(link, node)
    left = list(link.scan_iter(match=f"{node_prefix(node)}*", count=1000))
    link.delete(samples_key(node), latest_key(node), *left)


def _end_former(link: redis.Redis, node: str, *, unless: str = "") -> None:
    """End the user of its former name, unless that has the secret which counts; one of
    that name which somebody else made stays."""
    name = f"{FORMER_PREFIX}{node}"
    told: Any = link.acl_getuser(name)
    if told is None or WATCHED not in str(told["keys"]):
        return
    if not unless or unless not in str(told["passwords"]):
        link.acl_deluser(name)


class Access:
    """The users as one process has put them into Redis since that began."""

    def __init__(self, link: redis.Redis) -> None:
        self.link = link
        self._granted: dict[str, str] = {}
        self._run = ""
        self._refusal = ""

    def grant(self, nodes: Iterable[Node]) -> str:
        """Have those in Redis that are not removed, and none that is; the trouble of hosts
        that cannot be let in, or "". Users that are of no host stay."""
        rows = list(nodes)
        wanted = {n.name: n.secret_hash for n in rows if n.secret_hash}
        removed = {n.name for n in rows if n.retired_at}
        try:
            there = self._there({n.name for n in rows})
            for name, secret_hash in wanted.items():
                if name not in there or self._granted.get(name) != secret_hash:
                    grant(self.link, name, secret_hash)
            for name in removed & there:
                withdraw(self.link, name)
        except redis.ResponseError as refusal:
            return self._refused(str(refusal))
        self._granted, self._refusal = wanted, ""
        return ""

    def _there(self, names: set[str]) -> set[str]:
        """Those of these hosts that have a user now. A link may come back by itself to a
        Redis that began anew, which has no users, or those of another day."""
        run = str(self.link.info("server").get("run_id", ""))
        if run != self._run:
            self._granted, self._run = {}, run
        users = {str(each) for each in self.link.acl_users()}
        return {name for name in names if user_of(name) in users}

    def _refused(self, why: str) -> str:
        if why != self._refusal:
            log.warning("The users of GPU hosts cannot be made in Redis: %s", why)
        self._refusal = why
        return stored_trouble(Trouble.NO_ACCESS, why)
