"""What a fake Ollama has and knows: as a test sees it, and changes it."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

LATEST = ":latest"


class Trouble(Enum):
    """What goes wrong with a pull.

    STALL repeats its line for ever, SILENT sends nothing more, CUT drops the connection.
    """

    STALL = auto()
    SILENT = auto()
    CUT = auto()
    DISK_FULL = auto()
    WRONG_BYTES = auto()
    NOT_FOUND = auto()
    REFUSED = auto()
    AWAY = auto()
    TOO_OLD = auto()


@dataclass(frozen=True, slots=True)
class Layer:
    digest: str
    size: int


@dataclass(slots=True)
class Download:
    """How much of a layer is here; it grows while somebody pulls it, and not else."""

    layer: Layer
    done: float = 0
    pullers: int = 0
    at: float = 0


@dataclass(slots=True)
class Script:
    """A trouble of the next `times` pulls of a model, once `after` bytes are there."""

    trouble: Trouble
    after: int
    times: int


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    body: Any


@dataclass
class FakeOllama:
    """The server as a test sees it, and changes it; its threads ask under one lock."""

    rate: float = 50_000_000
    """Bytes a second, of each layer."""
    version: str = "0.33.0"
    url: str = ""
    offered: dict[str, tuple[Layer, ...]] = field(default_factory=dict)
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is on its disk, as `/api/tags` lists it."""
    loaded: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is in its memory, as `/api/ps` lists it."""
    asked: list[Asked] = field(default_factory=list)
    transferred: int = 0
    """Bytes that came from the registry, those that came twice counted twice."""
    open_pulls: int = 0
    downloads: dict[str, Download] = field(default_factory=dict)
    scripts: dict[str, Script] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    """What it will not do, as "DELETE /api/delete", each with its words."""
    changed: threading.Condition = field(default_factory=threading.Condition)
    over: bool = False

    def offer(self, name: str, *sizes: int) -> None:
        """Let the registry have a model, with layers of so many bytes."""
        self.offered[full(name)] = tuple(
            Layer(digest_of(f"{name} {place}"), size)
            for place, size in enumerate(sizes)
        )

    def will(
        self, name: str, trouble: Trouble, *, after: int = 0, times: int = 1
    ) -> None:
        """Let the next pulls of a model go wrong."""
        self.scripts[full(name)] = Script(trouble, after, times)

    def hold(self, name: str, *, size: int = 1_000_000) -> None:
        """Have a model on the disk without a pull."""
        with self.changed:
            self.held[full(name)] = entry(full(name), size)

    def until_open(self, pulls: int, *, seconds: float = 5) -> None:
        """Wait until exactly so many pulls are open; an `AssertionError` when too long."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.open_pulls == pulls, seconds)

    def until_transferred(self, size: int, *, seconds: float = 5) -> None:
        """Wait until so many bytes have come."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.transferred >= size, seconds)

    def until_over(self, seconds: float) -> bool:
        """Wait so long; whether the server has ended meanwhile."""
        with self.changed:
            return self.changed.wait_for(lambda: self.over, seconds)

    def end(self) -> None:
        with self.changed:
            self.over = True
            self.changed.notify_all()

    @contextmanager
    def pulling(self) -> Iterator[None]:
        with self.changed:
            self.open_pulls += 1
            self.changed.notify_all()
        try:
            yield
        finally:
            with self.changed:
                self.open_pulls -= 1
                self.changed.notify_all()

    @contextmanager
    def joined(self, layer: Layer) -> Iterator[Download]:
        """The one download of a layer, which whoever pulls it moves on."""
        with self.changed:
            download = self.downloads.setdefault(layer.digest, Download(layer))
            if not download.pullers:
                download.at = time.monotonic()
            download.pullers += 1
        try:
            yield download
        finally:
            with self.changed:
                download.pullers -= 1

    def move(self, download: Download, *, most: int) -> int:
        """Transfer what the time since the last move allows; how much is there now."""
        with self.changed:
            now = time.monotonic()
            more = (now - download.at) * self.rate
            more = max(min(more, most - download.done), 0)
            before = int(download.done)
            download.at, download.done = now, download.done + more
            self.transferred += int(download.done) - before
            self.changed.notify_all()
            return int(download.done)

    def script_for(self, name: str) -> Script | None:
        """The trouble of this pull, used up by one."""
        with self.changed:
            script = self.scripts.get(name)
            if not script or not script.times:
                return None
            script.times -= 1
            return script


def entry(name: str, size: int) -> dict[str, Any]:
    return {
        "name": name,
        "model": name,
        "modified_at": "2026-11-22T10:34:16.383039064Z",
        "size": size,
        "digest": digest_of(f"{name} {size}").removeprefix("sha256:"),
        "details": {
            "format": "gguf",
            "family": "llama",
            "parameter_size": "134.52M",
            "quantization_level": "Q4_K_M",
            "context_length": 8192,
        },
        "capabilities": ["completion"],
    }


def digest_of(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def full(name: str) -> str:
    """With its tag, as Ollama lists it."""
    return name if ":" in name.rpartition("/")[2] else name + LATEST
