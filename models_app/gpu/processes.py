"""Who the processes on a card are: name, person, server and model, as this host knows."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from models_app.gpu.nvml.holders import Holder
from models_app.gpu.programs import model_of, port_of, program_of
from models_app.gpu.samples import Process
from models_app.gpu.words import clean_name

FORGOTTEN_AFTER = 60.0
"""Seconds after a process was last on a card."""
PORTS_EVERY = 30.0
"""A server listens some time after it has taken its memory."""
MOST_PARENTS, MOST_PORTS = 6, 16
YOUNGER = 1.0
"""Seconds by which a process may seem younger than its first sight on a card."""
FIRST_NAMESPACE = 0xEFFFFFFC
"""The kernel's own number of the host's namespace of pids."""
_HIDDEN = (psutil.Error, OSError)


@dataclass(frozen=True, slots=True)
class Known:
    """A process as it was looked up; without a name, this host cannot look at it."""

    name: str = ""
    user: str = ""
    program: str = ""
    model: str = ""
    ports: tuple[int, ...] = ()
    created: float = 0.0


@dataclass(slots=True)
class _Sight:
    """A pid that stands on a card: since when, and who that is."""

    since: float
    last: float
    known: Known
    ports_due: float


class ProcessNames:
    """Looks a process up once; a pid that comes back with another start is another one.

    `own_pids`: the driver counts processes as this host does, which it does not inside a
    container of its own pids.
    """

    def __init__(
        self,
        *,
        own_pids: bool | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._own_pids = sees_pids_of_the_host() if own_pids is None else own_pids
        self._wall = wall
        self._sights: dict[int, _Sight] = {}

    def describe(self, holder: Holder, part: str, now: float) -> Process:
        """What a sample says of a process that holds memory."""
        known = self._sight(holder.pid, now).known
        return Process(
            pid=holder.pid,
            memory=holder.memory,
            name=known.name,
            program=known.program,
            model=known.model,
            ports=known.ports,
            user=known.user,
            graphics=holder.graphics,
            part=part,
        )

    def _sight(self, pid: int, now: float) -> _Sight:
        self._forget(now)
        sight = self._sights.get(pid)
        if sight is None or not _still(pid, sight.known):
            known = self._look_up(pid, since=self._wall())
            sight = _Sight(self._wall(), now, known, now + PORTS_EVERY)
            self._sights[pid] = sight
        elif now >= sight.ports_due:
            sight.known = self._look_up(pid, since=sight.since)
            sight.ports_due = now + PORTS_EVERY
        sight.last = now
        return sight

    def _forget(self, now: float) -> None:
        old = [
            pid
            for pid, each in self._sights.items()
            if now > each.last + FORGOTTEN_AFTER
        ]
        for pid in old:
            del self._sights[pid]

    def _look_up(self, pid: int, *, since: float) -> Known:
        with suppress(*_HIDDEN):
            process = psutil.Process(pid)
            theirs = self._own_pids or has_a_card_open(pid)
            if theirs and process.create_time() <= since + YOUNGER:
                return _known(process)
        return Known()


def _known(process: psutil.Process) -> Known:
    family = list(_family(process))
    programs = [program_of(name, words) for name, words, _ in family]
    program = _of_the_family(programs)
    models = (model_of(program, words) for _, words, _ in family)
    ports = sorted({port for *_, found in family for port in found})
    return Known(
        name=clean_name(family[0][0]),
        user=clean_name(_user(process)),
        program=program,
        model=clean_name(next(filter(None, models), "")) if program else "",
        ports=tuple(ports[:MOST_PORTS]),
        created=process.create_time(),
    )


def _of_the_family(programs: list[str]) -> str:
    """Ollama and LM Studio run llama.cpp's server as a child; it is theirs."""
    keepers = [each for each in programs if each in ("ollama", "lmstudio")]
    return next(filter(None, (*keepers, *programs)), "")


def _family(
    process: psutil.Process,
) -> Iterator[tuple[str, list[str], list[int]]]:
    """Name, words and ports of the process, then of the parents that are a server too."""
    name, words = process.name(), _words(process)
    yield name, words, _ports(process, words)
    with suppress(*_HIDDEN):
        for parent in process.parents()[:MOST_PARENTS]:
            name, words = parent.name(), _words(parent)
            if not program_of(name, words):
                return
            yield name, words, _ports(parent, words)


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except _HIDDEN:
        return []


def _user(process: psutil.Process) -> str:
    try:
        return str(process.username())
    except (*_HIDDEN, KeyError):
        return ""


def _ports(process: psutil.Process, words: list[str]) -> list[int]:
    """Those that it listens on; where that is hidden, the one that it was told."""
    told = port_of(words)
    found = [told] if told else []
    with suppress(*_HIDDEN):
        for link in process.net_connections(kind="tcp"):
            if link.status == psutil.CONN_LISTEN:
                found.append(link.laddr.port)
    return found


def _still(pid: int, known: Known) -> bool:
    """Whether the pid is the process that was looked up; no name can be no more wrong."""
    if not known.name:
        return True
    try:
        return bool(psutil.Process(pid).create_time() == known.created)
    except _HIDDEN:
        return False


def sees_pids_of_the_host() -> bool:
    try:
        return Path("/proc/self/ns/pid").stat().st_ino == FIRST_NAMESPACE
    except OSError:
        return True


def has_a_card_open(pid: int) -> bool:
    """Whether it has a card's device file open; where that is hidden, it may not."""
    try:
        return any(
            str(each.readlink()).startswith(("/dev/nvidia", "/dev/dxg"))
            for each in Path(f"/proc/{pid}/fd").iterdir()
        )
    except OSError:
        return False
