"""Whose the processes on a host's cards are: which server's, and which model it holds."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from models_app.adapters import ADAPTERS
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Card, Process
from models_app.nodes.serving import InMemory, ServerNow
from models_app.snapshot import name_key

BLOB: Final = re.compile(r"sha256[-:]([0-9a-f]{64})")
ONE_MODEL: Final = frozenset({"vllm"})
"""Kinds whose processes all work on one model, whatever names it has."""
CHILDREN: Final = frozenset({"ollama", "lmstudio"})
"""Kinds whose models are loaded by a process of its own, on a port of its own."""
NEAR, RUNTIME = 0.1, 512 * 1024**2
"""How far a model may be off the size that its server tells: the driver counts more."""


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


@dataclass(frozen=True, slots=True)
class Held:
    """A process with its memory on all cards together."""

    process: Process
    memory: int | None
    cards: int


def named_processes(
    cards: Sequence[Card], servers: Sequence[ServerNow]
) -> dict[str, list[Named]]:
    """The processes of each card, by its UUID; `servers` are those of this host."""
    held = _held(cards)
    owners = {pid: _owner(each.process, servers) for pid, each in held.items()}
    names = _all_names(held, owners)
    _by_size(held, owners, names, servers)
    return {
        card.uuid: [
            _named(each, held[each.pid], owners[each.pid], names.get(each.pid, ()))
            for each in _once(card.processes or ())
        ]
        for card in cards
    }


def placed_unseen(
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


def _owner(process: Process, servers: Sequence[ServerNow]) -> ServerNow | None:
    """By a port that it listens on; else as the only server of its kind on the host.

    One that listens elsewhere is another server, unless its kind has such children.
    """
    kind = _kind(process)
    alike = [each for each in servers if each.kind == kind]
    at_port = [each for each in alike if each.port in process.ports]
    hidden = not process.ports or kind in CHILDREN
    fits = at_port or (alike if hidden else [])
    return fits[0] if len(fits) == 1 else None


def _kind(process: Process) -> str:
    """As it looks; only Ollama has llama.cpp read its weights from a file of that name."""
    return "ollama" if _blob(process) else process.program


def _all_names(
    held: Mapping[int, Held], owners: Mapping[int, ServerNow | None]
) -> dict[int, tuple[str, ...]]:
    """Of each process whose command line, or whose server alone, says what it holds."""
    names = {}
    for pid, server in owners.items():
        if server and (found := tuple(_names(held[pid].process, server))):
            names[pid] = found
    return names


def _names(process: Process, server: ServerNow) -> Iterator[str]:
    if server.kind in ONE_MODEL:
        yield from _first(process.model, [each.name for each in server.loaded])
        return
    may_be = [each for each in server.loaded if not _differs(process, each)]
    sure = [each for each in may_be if _is_it(process, each)]
    if sure or len(may_be) == 1:
        yield from (each.name for each in sure or may_be)


def _first(model: str, names: Sequence[str]) -> list[str]:
    """The names with the one first that the command line has."""
    return sorted(names, key=lambda each: name_key(each) != name_key(model))


def _differs(process: Process, model: InMemory) -> bool:
    blob = _blob(process)
    return bool(blob and model.blob and blob != model.blob)


def _is_it(process: Process, model: InMemory) -> bool:
    if blob := _blob(process):
        return blob == model.blob
    told, name = name_key(process.model), name_key(model.name)
    return bool(told) and (told == name or _file(told) == _file(name))


def _blob(process: Process) -> str:
    found = BLOB.search(process.model)
    return found[1] if found else ""


def _file(name: str) -> str:
    """A file's name without its folder and its ending."""
    return re.split(r"[\\/]", name)[-1].removesuffix(".gguf")


def _by_size(
    held: Mapping[int, Held],
    owners: dict[int, ServerNow | None],
    names: dict[int, tuple[str, ...]],
    servers: Iterable[ServerNow],
) -> None:
    """Name what is left, where one process alone has about the size of one model alone.

    That also finds the server of a process of which the host tells nothing but its memory.
    """
    taken = {
        (server.pk, name)
        for pid, found in names.items()
        if (server := owners[pid])
        for name in found
    }
    left = [
        (server, model)
        for server in servers
        for model in server.loaded
        if model.card_memory and (server.pk, model.name) not in taken
    ]
    open_ones = [pid for pid in held if pid not in names]
    for server, model in left:
        like = [
            pid for pid in open_ones if _alike(held[pid], owners[pid], server, model)
        ]
        if len(like) != 1:
            continue
        pid = like[0]
        rivals = [m for s, m in left if _alike(held[pid], owners[pid], s, m)]
        if rivals == [model]:
            owners[pid], names[pid] = server, (model.name,)


def _alike(
    held: Held, owner: ServerNow | None, server: ServerNow, model: InMemory
) -> bool:
    nameless = not held.process.name and not held.process.program
    may_own = owner.pk == server.pk if owner else nameless
    if not may_own or held.memory is None or not model.card_memory:
        return False
    if _differs(held.process, model):
        return False
    off = abs(held.memory - model.card_memory)
    return off <= model.card_memory * NEAR + RUNTIME


def _named(
    process: Process, held: Held, server: ServerNow | None, names: tuple[str, ...]
) -> Named:
    """A memory that the driver hides is what the server tells, if it is on this card."""
    memory = process.memory
    if memory is None and server and names and held.cards == 1:
        sizes = {each.name: each.card_memory for each in server.loaded}
        memory = sizes.get(names[0])
    if server is None:
        model = () if _blob(process) or not process.model else (_shown(process.model),)
        return Named(process.pid, memory, _called(process), names=model)
    label = names[0] if names else _some_models(server)
    return Named(process.pid, memory, label, server, names)


def _shown(model: str) -> str:
    """A name as it is, a path without its folders."""
    path = model.startswith(("/", "\\", ".", "~")) or "\\" in model
    return _file(model) if path else model


def _called(process: Process) -> str:
    kind = ADAPTERS.get(_kind(process))
    unknown = _("process %(pid)s") % {"pid": process.pid}
    return kind.label if kind else process.name or unknown


def _some_models(server: ServerNow) -> str:
    """What to call the memory of a server that holds several models, or none that is known."""
    kind, count = ADAPTERS[server.kind].label, len(server.loaded)
    if not count:
        return kind
    said = ngettext("%(kind)s (%(count)s model)", "%(kind)s (%(count)s models)", count)
    return said % {"kind": kind, "count": count}
