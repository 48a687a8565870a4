"""What is known of a load before it begins: how much memory it will take, and where."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import redis

from dashboard.live.bus import link
from models_app.model_fit import fitted, usual_plan
from models_app.models import FitMeasurement, LanguageModel
from models_app.nodes.latest import Latest, read_latest
from models_app.nodes.serving import ServerNow, servers_now
from models_app.nodes.tenants import tenants_of
from models_app.serving.route import Route

log = logging.getLogger(__name__)

LATE = 15.0
"""Seconds after which a host's last sample says nothing of now."""


@dataclass(frozen=True, slots=True)
class Load:
    """A load under way: the server, the hosts it may run on with all their servers, and
    the bytes that its model will take, None where nobody knows."""

    backend: int
    nodes: tuple[str, ...] = ()
    servers: tuple[ServerNow, ...] = ()
    total: int | None = None


def load_on(route: Route) -> Load:
    """A query; where the server runs on no host that is known, nothing else is."""
    servers = servers_now()
    ours = next((each for each in servers if each.pk == route.backend), None)
    if ours is None or not ours.nodes:
        return Load(route.backend)
    return Load(route.backend, tuple(ours.nodes), servers, _total(route))


def memory_now(load: Load) -> int | None:
    """What the server's processes have of the memory of cards, by the newest samples."""
    try:
        known = read_latest(link(), load.nodes)
    except (redis.RedisError, OSError) as failure:
        log.warning("The last samples cannot be read: %s", failure)
        return None
    now = time.time()
    fresh = [each for each in known.values() if now - each.received_at < LATE]
    return memory_in(fresh, load)


def memory_in(samples: Sequence[Latest], load: Load) -> int | None:
    """None where no sample tells which processes there are."""
    cards = [card for each in samples for card in each.sample.cards]
    if not any(card.processes is not None for card in cards):
        return None
    # What a server says that it has loaded is not what the host sees come.
    servers = [replace(each, loaded=()) for each in load.servers]
    tenants = (
        tenant
        for each in samples
        for parts in tenants_of(each.sample, servers).values()
        for tenant in parts
    )
    return sum(each.memory or 0 for each in tenants if each.backend == load.backend)


def _total(route: Route) -> int | None:
    """What an earlier load of it took, else what the estimate says, else its file's size."""
    rows = LanguageModel.objects.filter(backend=route.backend, name=route.model)
    model = rows.select_related("backend").first()
    if model is None:
        return None
    return _measured(model) or fitted(model, usual_plan(model)).fit.need or model.size


def _measured(model: LanguageModel) -> int | None:
    """On this server, or else on any."""
    if not model.mark:
        return None
    rows = FitMeasurement.objects.filter(mark=model.mark).order_by("-measured_at")
    sizes = rows.values_list("measured", flat=True)
    return sizes.filter(server=model.backend.name).first() or sizes.first()
