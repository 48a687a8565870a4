"""Real model servers as children of the tests, asked through their adapters."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from models_app.adapters import adapter_for
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import ChatRequest, Chunk, ParameterValue
from models_app.adapters.client import open_client, system_trust
from tests.fakes.asking import asking
from tests.processes import until

MODEL = "smollm2-135m"
LIFELINE = Path(__file__).parents[2] / "dashboard" / "runner" / "lifeline.py"
GRACE = 10
RUNNING = re.compile(
    r"^(?:llamacpp:requests_processing|vllm:num_requests_running\S*) (\S+)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Server:
    """One that runs: what it is, where it is, and the key it wants."""

    kind: str
    url: str
    process: int
    key: str = ""

    @asynccontextmanager
    async def adapter(self) -> AsyncIterator[Adapter]:
        async with open_client(self.url, key=self.key) as client:
            yield adapter_for(self.kind, client, server="engine")

    async def reply(self, request: ChatRequest) -> list[Chunk]:
        async with self.adapter() as adapter, aclosing(adapter.chat(request)) as stream:
            return [chunk async for chunk in stream]

    def get(self, path: str) -> httpx.Response:
        """Past the adapter: a witness to what it did."""
        return self._asked("GET", path, None)

    def post(self, path: str, **body: str) -> httpx.Response:
        """Past the adapter: what somebody else does meanwhile."""
        return self._asked("POST", path, body)

    def _asked(
        self, method: str, path: str, body: dict[str, str] | None
    ) -> httpx.Response:
        return httpx.request(
            method,
            self.url + path,
            json=body,
            headers={"Authorization": f"Bearer {self.key}"} if self.key else {},
            trust_env=False,
            verify=system_trust(),
        )

    def running(self) -> int:
        """How many replies it writes, by its own metrics; loads nothing."""
        metrics = self.get(f"/metrics?model={MODEL}&autoload=false").text
        return sum(round(float(each)) for each in RUNNING.findall(metrics))


def asked(text: str, **parameters: ParameterValue) -> ChatRequest:
    return replace(asking(text, **parameters), model=MODEL)


@contextmanager
def serving(
    kind: str,
    *command: str | Path,
    environment: Mapping[str, str],
    log: Path,
    key: str = "",
    seconds: float = 30,
) -> Iterator[Server]:
    """A server on a free port until the block ends; all it started ends with it."""
    port = free_port()
    options = ["--host", "127.0.0.1", "--port", str(port)]
    options += ["--api-key", key] if key else []
    lifeline = [sys.executable, "-P", str(LIFELINE), "--signal=TERM", "--nice=10", "--"]
    with log.open("w") as said:
        child = subprocess.Popen(
            [*lifeline, *map(str, command), *options],
            env={**os.environ, **environment},
            start_new_session=True,
            stdout=said,
            stderr=said,
        )
    server = Server(kind, f"http://127.0.0.1:{port}", child.pid, key)
    try:
        until(lambda: child.poll() is not None or answers(server), seconds=seconds)
        assert child.poll() is None, log.read_text()[-3000:]
        yield server
    finally:
        end_all(child)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(server: Server) -> bool:
    try:
        return server.get("/health").is_success
    except httpx.TransportError:
        return False


def end_all(child: subprocess.Popen[bytes]) -> None:
    """End a server, then whatever it left behind in its process group."""
    child.terminate()
    with suppress(subprocess.TimeoutExpired):
        child.wait(GRACE)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def members(group: int) -> list[int]:
    """The live processes of a group."""
    return [
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and group_of(process) == group
    ]


def group_of(process: Path) -> int | None:
    try:
        status = (process / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, _, group = status.rpartition(")")[2].split()[:3]
    return None if state == "Z" else int(group)
