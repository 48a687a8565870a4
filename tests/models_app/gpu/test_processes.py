"""Who a pid on a card is, by real processes."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from models_app.gpu.nvml.holders import Holder
from models_app.gpu.processes import ProcessNames
from models_app.gpu.samples import Process
from tests.processes import until

DIGEST = "0123456789abcdef" * 4
WAITS = "read nothing"


@contextmanager
def running(folder: Path, name: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A shell under that name, which waits until it is let go."""
    (folder / name).symlink_to("/bin/sh")
    # A shell gives what runs beside it no input, so it hands its own on.
    (folder / "serve").write_text(
        "exec 3<&0\n./VLLM::EngineCore wait & echo $!\nread nothing\n"
    )
    (folder / "wait").write_text("read nothing <&3")
    if not (folder / "VLLM::EngineCore").exists():
        (folder / "VLLM::EngineCore").symlink_to("/bin/sh")
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [f"./{name}", *words], cwd=folder, stdin=pipe, stdout=pipe
    ) as process:
        try:
            until(lambda: psutil.Process(process.pid).cmdline()[1:] == [*words])
            yield process
        finally:
            process.communicate(b"\n\n")


def described(pid: int, *, own_pids: bool = True) -> Process:
    names = ProcessNames(own_pids=own_pids)
    return names.describe(Holder(pid, 1024, graphics=False), "", 0)


def test_a_server_is_named_with_its_person_and_its_model(tmp_path: Path) -> None:
    words = ("-c", WAITS, "--model", f"/blobs/sha256-{DIGEST}", "--port", "41235")

    with running(tmp_path, "llama-server", *words) as process:
        told = described(process.pid)

    assert told.program == "ollama"
    assert told.model == f"sha256:{DIGEST}"
    assert told.ports == (41235,)
    assert told.user
    assert told.memory == 1024


def test_a_worker_of_vllm_has_the_model_of_its_parent(tmp_path: Path) -> None:
    with running(tmp_path, "vllm", "serve", "org/model", "--port", "8000") as process:
        assert process.stdout
        child = int(process.stdout.readline())
        until(lambda: psutil.Process(child).cmdline()[1:] == ["wait"])
        told = described(child)

    assert told.name == "VLLM::EngineCore"
    assert (told.program, told.model, told.ports) == ("vllm", "org/model", (8000,))


def test_a_name_is_carried_as_it_is_and_escaped_by_the_page(tmp_path: Path) -> None:
    with running(tmp_path, "<script>x", "-c", WAITS) as process:
        told = described(process.pid)

    assert told.name == "<script>x"


def test_what_a_process_listens_on_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        told = described(os.getpid())

        assert listening.getsockname()[1] in told.ports


def test_the_command_line_of_what_is_no_server_stays_here() -> None:
    assert described(os.getpid()).model == ""


def test_a_pid_that_is_not_here_has_no_name() -> None:
    assert described(2**22 + 1) == Process(2**22 + 1, 1024)


def test_in_a_container_a_process_without_a_card_is_another_one() -> None:
    assert described(os.getpid(), own_pids=False).name == ""


def test_a_process_younger_than_its_first_sight_is_another_one() -> None:
    names = ProcessNames(own_pids=True, wall=lambda: 0)

    assert names.describe(Holder(os.getpid(), 1, graphics=False), "", 0).name == ""


def test_a_process_that_has_ended_has_no_name_any_more(tmp_path: Path) -> None:
    names = ProcessNames(own_pids=True)

    with running(tmp_path, "short", "-c", WAITS) as process:
        holder = Holder(process.pid, 1, graphics=False)
        before = names.describe(holder, "", 0).name

    assert before == "short"
    assert names.describe(holder, "", 1).name == ""
