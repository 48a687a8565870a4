"""Says once that Paddock is up and where, or which program did not come up.

Run by path (`python -P announce.py`) beside the supervisor, and gone when all is said.
What to watch and what to say comes as JSON on stdin, for the link is a secret.
"""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60.0
LOOK_EVERY = 0.1

# A proxy of the environment is not asked about this machine.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Watch:
    """What the announcer looks at: the health page and the supervisor's log."""

    healthz: str
    log: str
    log_start: int
    programs: list[str]
    greeting: str


def announce(watch: Watch, *, patience: float = PATIENCE) -> None:
    """Greet when pages are served; then wait for the rest, and name what is missing."""
    deadline = time.monotonic() + patience
    if until(lambda: healthy(watch.healthz), deadline):
        say(watch.greeting)
    else:
        say(f"Paddock is not healthy after {patience:.0f} seconds.{_reason(watch)}")
    until(lambda: not missing(watch), deadline)
    for program in missing(watch):
        log = Path(watch.log).with_name(f"{program}.log")
        say(f"The program “{program}” did not come up: {log} says why.")


def until(done: Callable[[], bool], deadline: float) -> bool:
    """Look again and again; False when it was not done in time."""
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY)
    return True


def healthy(address: str) -> bool:
    try:
        with _direct.open(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def missing(watch: Watch) -> list[str]:
    """The programs of which the supervisor has not said that they are running."""
    with Path(watch.log).open(encoding="utf-8", errors="replace") as log:
        log.seek(watch.log_start)
        said = log.read()
    return [name for name in watch.programs if f"success: {name} entered" not in said]


def _reason(watch: Watch) -> str:
    """What the health page itself says is away, if it answers at all."""
    try:
        _direct.open(watch.healthz, timeout=5).close()
    except urllib.error.HTTPError as refusal:
        return f" Its health page says: {refusal.read().decode(errors='replace')}"
    except OSError:
        pass
    return f" The logs are in {Path(watch.log).parent}."


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    announce(Watch(**json.load(sys.stdin)))
