"""`make install` on a copy of the checkout: quick when done, a sentence when it cannot be."""

import base64
import errno
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dashboard.runner import install
from dashboard.runner.programs import BASE_DIR

INSTALLER = Path("dashboard") / "runner" / "install.py"
METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
NO_HASH = "--hash=sha256:" + "0" * 64


def make_wheel(folder: Path, name: str) -> str:
    """Put a wheel of that name there and return the line that requires it."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    files = {
        f"{name}.py": "",
        f"{name}-1.0.dist-info/METADATA": METADATA.format(name),
        f"{name}-1.0.dist-info/WHEEL": WHEEL,
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
        own = f"{name}-1.0.dist-info/RECORD"
        wheel.writestr(own, "".join(map(record, files.items())) + f"{own},,\n")
    return (
        f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"
    )


def record(file: tuple[str, str]) -> str:
    name, text = file
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return f"{name},sha256={digest.decode().rstrip('=')},{len(text)}\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with one small requirement, already installed."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / INSTALLER).parent.mkdir(parents=True)
    shutil.copy(BASE_DIR / INSTALLER, folder / INSTALLER)
    (folder / "requirements").mkdir()
    (folder / "stable.txt").write_text(make_wheel(folder, "stable"))
    make_wheel(folder, "changed")
    require(folder)
    assert call(folder).returncode == 0
    return folder


def require(checkout: Path, *, more: str = "", engine: str = "") -> None:
    base = (checkout / "stable.txt").read_text() + more
    for name, text in (("base", base), ("engine", engine), ("dev", "")):
        (checkout / "requirements" / f"{name}.txt").write_text(text)


def call(checkout: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Install with no index but the folder itself, unless told otherwise."""
    kept = {name: text for name, text in os.environ.items() if "PIP_" not in name}
    local = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(checkout)}
    environment = {**kept, **local, "PIP_CONFIG_FILE": os.devnull, **more}
    command = [sys.executable, "-I", str(checkout / INSTALLER)]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def refusal(checkout: Path, **more: str) -> str:
    done = call(checkout, **more)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_second_call_has_nothing_to_do(checkout: Path) -> None:
    require(checkout)

    done = call(checkout)

    assert done.returncode == 0
    assert done.stdout == ""


def test_it_installs_again_when_a_requirement_changes(checkout: Path) -> None:
    require(checkout, more="# and a word more\n")

    assert "Installing" in call(checkout).stdout


def test_an_unwritable_home_is_no_hindrance(checkout: Path) -> None:
    require(checkout, more="# at home nowhere\n")

    done = call(checkout, HOME="/proc/nowhere", XDG_CACHE_HOME="")

    assert done.returncode == 0, done.stderr


def test_an_index_that_cannot_be_reached(checkout: Path) -> None:
    require(checkout, more=f"absent==1.0 {NO_HASH}\n")
    away = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_RETRIES": "0"}

    said = refusal(checkout, PIP_NO_INDEX="", **away)

    assert "index cannot be reached" in said
    assert "install.log" in said


def test_a_package_that_has_no_wheel_for_this_machine(checkout: Path) -> None:
    require(checkout, more=f"absent==1.0 {NO_HASH}\n")

    assert "The index has no absent for this machine" in refusal(checkout)


def test_an_engine_without_a_wheel_can_be_left_out(checkout: Path) -> None:
    require(checkout, engine=f"xllamacpp==1.0 {NO_HASH}\n")

    assert "Set PADDOCK_ENGINE=off" in refusal(checkout)
    assert call(checkout, PADDOCK_ENGINE="off").returncode == 0


def test_a_package_that_is_not_the_tested_one(checkout: Path) -> None:
    require(checkout, more=f"changed==1.0 {NO_HASH}\n")

    assert "not the one that Paddock was tested with" in refusal(checkout)


def test_a_folder_where_no_venv_can_be_made(tmp_path: Path) -> None:
    (tmp_path / INSTALLER).parent.mkdir(parents=True)
    shutil.copy(BASE_DIR / INSTALLER, tmp_path / INSTALLER)
    shutil.copytree(BASE_DIR / "requirements", tmp_path / "requirements")
    (tmp_path / ".venv").touch()

    assert ".venv" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("lack", "sentence"),
    [
        (
            "sys.version_info = (3, 10, 2)",
            "needs Python 3.11 or newer, and this is 3.10.2",
        ),
        ("sys.modules['ensurepip'] = None", "apt-get install python3-venv"),
    ],
)
def test_a_python_that_will_not_do(lack: str, sentence: str) -> None:
    script = f"import runpy, sys; {lack}; runpy.run_path({str(BASE_DIR / INSTALLER)!r}"
    command = [sys.executable, "-I", "-c", f"{script}, run_name='__main__')"]

    done = subprocess.run(command, capture_output=True, text=True)

    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_and_a_read_only_checkout_are_told_apart() -> None:
    full = install.told(OSError(errno.ENOSPC, "No space left on device"))
    read_only = install.told(OSError(errno.EROFS, "Read-only file system"))

    assert "is full" in full
    assert "cannot write" in read_only
    assert "is full" in install.told_by_pip("ERROR: [Errno 28] No space left on device")
