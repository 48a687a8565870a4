"""GPU hosts that join the house and leave it."""

import hashlib
import logging
import secrets
from dataclasses import dataclass

import redis
from django.utils import timezone

from dashboard.errors import (
    NodeNameUnfit,
    NodesCannotSignIn,
    NodeStaysSignedIn,
    NodeTaken,
    NodeUnknown,
)
from dashboard.live.bus import link, publish
from dashboard.live.events import NodeChanged
from models_app.gpu.keys import NODE_NAME
from models_app.models import Node
from models_app.nodes.access import grant, withdraw

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Added:
    """The secret is shown once and kept nowhere; `is_ready`: Redis knows the user already,
    else it will as soon as a worker reaches it."""

    secret: str
    is_ready: bool


def add_node(name: str, *, new_secret: bool = False) -> Added:
    """A host that may send samples under this name from now on; one that is there gets a
    `new_secret` on purpose only, and one that was removed is back with its history.

    It is written before Redis hears of it, so that a worker can do what failed here.
    """
    if not NODE_NAME.fullmatch(name):
        raise NodeNameUnfit(name=name)
    signed_in = Node.objects.exclude(secret_hash="")
    if not new_secret and signed_in.filter(name=name).exists():
        raise NodeTaken(name=name)
    secret = secrets.token_urlsafe(32)
    secret_hash = hashlib.sha256(secret.encode()).hexdigest()
    wanted = {"secret_hash": secret_hash, "retired_at": None}
    node, _new = Node.objects.update_or_create(name=name, defaults=wanted)
    publish(NodeChanged(node.pk))
    try:
        grant(link(), name, secret_hash)
    except redis.ResponseError as refusal:
        raise NodesCannotSignIn(name=name, detail=str(refusal)) from refusal
    except (redis.RedisError, OSError) as failure:
        log.warning("The user of %s is left to the worker: %s", name, failure)
        return Added(secret, is_ready=False)
    return Added(secret, is_ready=True)


def retire_node(name: str) -> bool:
    """Let the host in no more; its history stays. False while Redis is away: a worker ends
    its user there. Whoever comes second changes nothing."""
    node = Node.objects.filter(name=name).first()
    if node is None:
        raise NodeUnknown(name=name)
    present = Node.objects.filter(pk=node.pk, retired_at=None)
    if not present.update(retired_at=timezone.now(), secret_hash="", trouble=""):
        return True
    publish(NodeChanged(node.pk))
    try:
        withdraw(link(), name)
    except redis.ResponseError as refusal:
        if node.secret_hash:
            raise NodeStaysSignedIn(name=name, detail=str(refusal)) from refusal
    except (redis.RedisError, OSError) as failure:
        log.warning("The user of %s is left to the worker: %s", name, failure)
        return False
    return True


def meet_own_node(name: str) -> None:
    """Count the host of this very worker among ours, unless somebody removed it."""
    if not NODE_NAME.fullmatch(name):
        raise NodeNameUnfit(name=name)
    Node.objects.get_or_create(name=name)
