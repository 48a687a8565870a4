"""Makes ./.venv and installs what Paddock runs on; a second call finds nothing to do.

Run by path with the machine's own Python (`python3 -I install.py [--dev] [--bench]`): it needs only
the standard library, and imports nothing of ours because nothing is there yet.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
BASE_DIR = Path(__file__).resolve().parent.parent.parent
VENV = BASE_DIR / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "install.log"
STAMP = VENV / "installed.json"
REQUIREMENTS = BASE_DIR / "requirements"

UNREACHABLE = re.compile(
    "Retrying|NewConnectionError|Timeout|timed out|name resolution|Connection refused"
    "|ProxyError|SSLError|Network is unreachable|Could not fetch URL|Connection broken"
)
NO_WHEEL = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)")
FULL = re.compile("No space left on device|Disk quota exceeded")
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR)


class CannotInstall(Exception):
    """Something is in the way; the message is one sentence with a way out."""


def main(arguments: list[str]) -> int:
    try:
        check_python()
        install(wanted(dev="--dev" in arguments, bench="--bench" in arguments))
    except CannotInstall as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def check_python() -> None:
    if sys.version_info < OLDEST:
        raise CannotInstall(
            f"Paddock needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and this is "
            f"{version()}. Install a newer one and name it: make PYTHON=python3.12 up"
        )
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise CannotInstall(
            "This Python cannot make a virtual environment. Install what it lacks (on "
            "Debian and Ubuntu: apt-get install python3-venv) and start again."
        )


def wanted(*, dev: bool, bench: bool = False) -> list[Path]:
    """The requirement files that this machine asks for."""
    engine = os.environ.get("PADDOCK_ENGINE", "").strip().lower()
    chosen = {"base": True, "engine": engine not in ("0", "false", "no", "off")}
    chosen |= {"dev": dev, "bench": bench}
    return [REQUIREMENTS / f"{name}.txt" for name, is_in in chosen.items() if is_in]


def install(files: list[Path]) -> None:
    """Install the files that .venv does not hold as they are now."""
    hashes = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files}
    done = installed()
    if hashes.items() <= done.items():
        return
    try:
        if not venv_is_usable():
            make_venv()
        run_pip(files)
        STAMP.write_text(json.dumps({"python": version(), "files": {**done, **hashes}}))
    except OSError as failure:
        raise CannotInstall(told(failure)) from failure


def version() -> str:
    return ".".join(map(str, sys.version_info[:3]))


def installed() -> dict[str, str]:
    """Which files .venv holds; none when another Python made it, or it is broken."""
    try:
        stamp = json.loads(STAMP.read_text())
        whole = stamp["python"] == version() and os.access(PYTHON, os.X_OK)
        return dict(stamp["files"]) if whole else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def venv_is_usable() -> bool:
    """Whether .venv holds a Python of this very version, with pip."""
    ask = "import pip, sys; print('.'.join(map(str, sys.version_info[:3])))"
    try:
        answer = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True)
    except OSError:
        return False
    return answer.stdout.strip() == version()


def make_venv() -> None:
    print("Making .venv …", flush=True)
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        said = made.stdout + made.stderr
        if FULL.search(said):
            raise OSError(errno.ENOSPC, "No space left on device")
        if "Permission denied" in said or "Read-only" in said:
            raise OSError(errno.EACCES, "Permission denied")
        raise CannotInstall(f".venv could not be made: {last_line(said)}")


def run_pip(files: list[Path]) -> None:
    """Install exactly the files' packages, each checked against its hash."""
    print("Installing what Paddock runs on into .venv …", flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--no-deps", "--require-hashes"]
    command += ["--no-input", "--no-user", "--only-binary=:all:", "--retries=2"]
    command += [] if home_is_writable() else ["--no-cache-dir"]
    for file in files:
        command += ["-r", str(file)]
    with LOG.open("w") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT).returncode
    if code:
        raise CannotInstall(told_by_pip(LOG.read_text(errors="replace")))


def home_is_writable() -> bool:
    """Whether pip can keep its cache where it wants to."""
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        cache.mkdir(parents=True, exist_ok=True)
        return os.access(cache, os.W_OK)
    except (OSError, RuntimeError):
        return False


def told_by_pip(said: str) -> str:
    """The one sentence in what pip said; the whole of it stays in the log."""
    more = f" All that pip said is in {LOG}."
    missing = NO_WHEEL.search(said)
    if FULL.search(said):
        return told(OSError(errno.ENOSPC, "No space left on device")) + more
    if UNREACHABLE.search(said):
        return (
            "The Python package index cannot be reached. Check this machine's network, or "
            "name a proxy or mirror in pip's own settings, and start again." + more
        )
    if missing:
        return no_wheel(missing.group(1)) + more
    if "DO NOT MATCH THE HASHES" in said:
        return (
            "A package is not the one that Paddock was tested with, so it was not "
            "installed. Check which index pip is set to use." + more
        )
    return f"pip failed: {last_line(said)}.{more}"


def no_wheel(package: str) -> str:
    machine = f"{platform.system()} on {platform.machine()} with Python {version()}"
    sentence = f"The index has no {package} for this machine ({machine})."
    if package in (REQUIREMENTS / "engine.txt").read_text():
        return f"{sentence} Set PADDOCK_ENGINE=off: Paddock works without the engine."
    return f"{sentence} Run Paddock on another machine, or from its container image."


def last_line(said: str) -> str:
    return said.strip().rpartition("\n")[2].rstrip(".") or "it said nothing"


def told(failure: OSError) -> str:
    if failure.errno == errno.ENOSPC:
        return f"The disk of {BASE_DIR} is full. Free about 1 GB and start again."
    if failure.errno in READ_ONLY:
        return (
            f"Paddock cannot write to {VENV} ({failure.strerror}). Check it out into a "
            "folder of this account and start again."
        )
    return f"Paddock could not be installed: {failure}. Put that right and start again."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
