"""Which server a process is of, and which of its models it holds."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from models_app.gpu.programs import blob_in
from models_app.gpu.samples import Process
from models_app.nodes.serving import InMemory, ServerNow
from models_app.snapshot import name_key

ONE_MODEL: Final = frozenset({"vllm"})
"""Kinds whose processes all work on one model, whatever names it has."""
GENERIC: Final = frozenset({"openai"})
"""Kinds that no process looks like: many programs speak as they do."""
CHILDREN: Final = frozenset({"ollama", "lmstudio"})
"""Kinds whose models are loaded by a process of its own, on a port of its own."""
NEAR, RUNTIME = 0.1, 512 * 1024**2
"""How far a model may be off the size that its server tells: the driver counts more."""


@dataclass(frozen=True, slots=True)
class Held:
    """A process with its memory on all cards together."""

    process: Process
    memory: int | None
    cards: int


@dataclass(frozen=True, slots=True)
class Owners:
    """By process id: the server, as far as it is known, and all names of the model."""

    servers: Mapping[int, ServerNow | None]
    names: Mapping[int, tuple[str, ...]]


def owners_of(held: Mapping[int, Held], servers: Sequence[ServerNow]) -> Owners:
    """Whose these are, among the servers of their host."""
    owners = {pid: _owner(each.process, servers) for pid, each in held.items()}
    names = _all_names(held, owners)
    _by_size(held, owners, names, servers)
    return Owners(owners, names)


def _owner(process: Process, servers: Sequence[ServerNow]) -> ServerNow | None:
    """By a port that it listens on; else as the only server of its kind on the host.

    One that listens elsewhere is another server, unless its kind has such children.
    """
    kind = kind_of(process)
    kinds = {kind} if kind else GENERIC
    alike = [each for each in servers if each.kind in kinds]
    at_port = [each for each in alike if each.port in process.ports]
    hidden = kind and (not process.ports or kind in CHILDREN)
    fits = at_port or (alike if hidden else [])
    return fits[0] if len(fits) == 1 else None


def kind_of(process: Process) -> str:
    """As it looks; only Ollama has llama.cpp read its weights from a file of that name."""
    return "ollama" if blob_in(process.model) else process.program


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
    blob = blob_in(process.model)
    return bool(blob and model.blob and blob != model.blob)


def _is_it(process: Process, model: InMemory) -> bool:
    if blob := blob_in(process.model):
        return blob == model.blob
    told, name = name_key(process.model), name_key(model.name)
    return bool(told) and (told == name or file_of(told) == file_of(name))


def file_of(name: str) -> str:
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
