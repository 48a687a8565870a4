"""The processes on a host's cards, each by the name that people know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from models_app.adapters import ADAPTERS
from models_app.gpu.metrics import Metric
from models_app.gpu.programs import blob_in
from models_app.gpu.samples import Card, Process
from models_app.nodes.owners import Held, Owners, file_of, kind_of, owners_of
from models_app.nodes.serving import ServerNow


@dataclass(frozen=True, slots=True)
class Named:
    """A process on one card, and whose it is; `names` is all that its model is called."""

    pid: int
    memory: int | None
    label: str
    server: ServerNow | None = None
    names: tuple[str, ...] = ()

    def with_more(self, other: "Named") -> "Named":
        """The same with the memory of another process that works on the same model."""
        told = [each for each in (self.memory, other.memory) if each is not None]
        return replace(self, memory=sum(told) if told else None)


def holders_of(
    cards: Sequence[Card], servers: Sequence[ServerNow]
) -> dict[str, list[Named]]:
    """What holds memory of each card of a host, by its UUID: its processes, then models of
    which none is seen. `servers` are those of this host."""
    named = _named_processes(cards, servers)
    unseen = _placed_unseen(cards, servers, named)
    return {uuid: found + unseen.get(uuid, []) for uuid, found in named.items()}


def _named_processes(
    cards: Sequence[Card], servers: Sequence[ServerNow]
) -> dict[str, list[Named]]:
    held = _held(cards)
    owners = owners_of(held, servers)
    return {
        card.uuid: [
            _named(each, held[each.pid], owners) for each in _once(card.processes or ())
        ]
        for card in cards
    }


def _placed_unseen(
    cards: Sequence[Card],
    servers: Iterable[ServerNow],
    named: Mapping[str, Sequence[Named]],
) -> dict[str, list[Named]]:
    """The models of servers of which no process was seen, on the one card that has room.

    With room on several nobody knows on which it is, and it stays in what is nobody's.
    """
    seen = {each.server.pk for found in named.values() for each in found if each.server}
    room = {card.uuid: _room(card, named.get(card.uuid, ())) for card in cards}
    placed: dict[str, list[Named]] = {}
    for server in servers:
        for model in server.loaded if server.pk not in seen else ():
            size = model.card_memory or 0
            fit = [uuid for uuid, left in room.items() if 0 < size <= left]
            if len(fit) == 1:
                room[fit[0]] -= size
                found = Named(0, size, model.name, server, (model.name,))
                placed.setdefault(fit[0], []).append(found)
    return placed


def _room(card: Card, named: Iterable[Named]) -> float:
    used = card.value(Metric.MEMORY_USED)
    most = float("inf") if used is None else used
    return most - sum(each.memory or 0 for each in named)


def _held(cards: Iterable[Card]) -> dict[int, Held]:
    found: dict[int, Held] = {}
    for card in cards:
        for each in _once(card.processes or ()):
            before = found.get(each.pid)
            known = before.memory if before else None
            told = [m for m in (known, each.memory) if m is not None]
            count = before.cards + 1 if before else 1
            found[each.pid] = Held(each, sum(told) if told else None, count)
    return found


def _once(processes: Iterable[Process]) -> list[Process]:
    """A process that draws and computes, or works on several MIG instances, as one."""
    found: dict[int, Process] = {}
    for each in processes:
        before = found.get(each.pid)
        if before is None:
            found[each.pid] = each
        elif before.part != each.part:
            found[each.pid] = _both(before, each)
    return [*found.values()]


def _both(one: Process, other: Process) -> Process:
    told = [each.memory for each in (one, other) if each.memory is not None]
    return Process(
        pid=one.pid,
        memory=sum(told) if told else None,
        name=one.name,
        program=one.program,
        model=one.model,
        ports=one.ports,
        user=one.user,
        graphics=one.graphics,
    )


def _named(process: Process, held: Held, owners: Owners) -> Named:
    """A memory that the driver hides is what the server tells, if it is on this card."""
    server = owners.servers[process.pid]
    names = owners.names.get(process.pid, ())
    memory = process.memory
    if memory is None and server and names and held.cards == 1:
        sizes = {each.name: each.card_memory for each in server.loaded}
        memory = sizes.get(names[0])
    if server is None:
        model = (
            ()
            if blob_in(process.model) or not process.model
            else (_shown(process.model),)
        )
        return Named(process.pid, memory, _called(process), names=model)
    label = names[0] if names else _some_models(server)
    return Named(process.pid, memory, label, server, names)


def _shown(model: str) -> str:
    """A name as it is, a path without its folders."""
    path = model.startswith(("/", "\\", ".", "~")) or "\\" in model
    return file_of(model) if path else model


def _called(process: Process) -> str:
    kind = ADAPTERS.get(kind_of(process))
    unknown = _("process %(pid)s") % {"pid": process.pid}
    return kind.label if kind else process.name or unknown


def _some_models(server: ServerNow) -> str:
    """What to call the memory of a server that holds several models, or none that is known."""
    kind, count = ADAPTERS[server.kind].label, len(server.loaded)
    if not count:
        return kind
    said = ngettext("%(kind)s (%(count)s model)", "%(kind)s (%(count)s models)", count)
    return said % {"kind": kind, "count": count}
