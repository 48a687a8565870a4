"""Makes sure that the browser tests find a Chromium, and says so loudly when they cannot.

Run by path with the Python of .venv, after the requirements are in.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""How it is started: as root, and talking to nobody but the house."""
QUIET = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def main() -> None:
    if not (found() or installed_by_apt(*PACKAGES) or installed_by_playwright()):
        print(
            "NO BROWSER: the browser tests will be skipped. Install Chromium, or name "
            "one by PADDOCK_CHROMIUM, and run this again.",
            file=sys.stderr,
        )


def found() -> str | None:
    """The path of the Chromium that this machine has."""
    named = os.environ.get("PADDOCK_CHROMIUM", "")
    paths = (shutil.which(name) for name in (named, *NAMES) if name)
    return next((path for path in paths if path), None)


def installed_by_apt(*packages: str) -> bool:
    """Whether Debian's own could be installed, which only root may do."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing {packages[0]} for the tests …", flush=True)
    options = ("-y", "-qq", "--no-install-recommends")
    return run("apt-get", "update", "-qq") and run(
        "apt-get", "install", *options, *packages
    )


def installed_by_playwright() -> bool:
    playwright = Path(sys.executable).with_name("playwright")
    return playwright.exists() and run(str(playwright), "install", "chromium")


def run(*command: str) -> bool:
    """Run a command, whose words are shown only when it fails."""
    done = subprocess.run(
        command, env=QUIET, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        print(done.stdout[-2000:] + done.stderr[-2000:], file=sys.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    main()
