"""Starting the announcer, which outlives neither its purpose nor the runner."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from django.conf import settings

from dashboard.runner.announce import Watch
from dashboard.runner.programs import BASE_DIR, LIFELINE

ANNOUNCE = BASE_DIR / "dashboard" / "runner" / "announce.py"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104


def start_announcer(greeting: str, *, programs: list[str]) -> None:
    """Have the greeting said once pages are served, beside the process we become."""
    log = Path(settings.PADDOCK_DATA) / "log" / "supervisord.log"
    log.touch()
    watch = Watch(
        healthz=health_address(settings.PADDOCK_HOST, settings.PADDOCK_PORT),
        log=str(log),
        log_start=log.stat().st_size,
        programs=programs,
        greeting=greeting,
    )
    command = [sys.executable, "-PS", str(LIFELINE), f"--starter={os.getpid()}", "--"]
    with tempfile.TemporaryFile("w+") as words:
        json.dump(asdict(watch), words)
        words.seek(0)
        subprocess.Popen([*command, sys.executable, "-P", str(ANNOUNCE)], stdin=words)


def health_address(host: str, port: int) -> str:
    """Where this machine asks; an address that means all of them is asked on loopback."""
    host = EVERYWHERE.get(host.strip("[]"), host.strip("[]"))
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/healthz"
