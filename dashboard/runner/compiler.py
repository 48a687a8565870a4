"""Makes sure that the tests of GPU readings can compile their stand-in for NVIDIA's library.

Run as a module with the Python of .venv, after the requirements are in.
"""

import shutil
import sys

from dashboard.runner.browser import installed_by_apt

NAMES = ("gcc", "cc")
PACKAGES = ("gcc", "libc6-dev")


def main() -> None:
    if not (found() or installed_by_apt(*PACKAGES)):
        print(
            "NO C COMPILER: what reads NVIDIA's cards will not be tested. Install gcc and "
            "run this again.",
            file=sys.stderr,
        )


def found() -> str | None:
    """The path of the compiler that this machine has."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


if __name__ == "__main__":
    main()
