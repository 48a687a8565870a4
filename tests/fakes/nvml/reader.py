"""Run as a program: looks at the fake's cards at the moments that are asked for."""

import json
import os
import sys
import time
from pathlib import Path

import msgspec

from models_app.gpu.nvml.cards import NvidiaCards
from models_app.gpu.nvml.driver import Driver


def main(
    times: list[float], *, in_container: bool, fork: bool, wall: float | None
) -> None:
    """Print what each look told; with `fork`, all but the first are a child's.

    `wall` is where the clock of the host stands still.
    """
    log, seen = Path(os.environ["NVML_FAKE_LOG"]), 0
    cards = NvidiaCards(
        driver=Driver(in_container=in_container),
        wall=moment if wall is None else lambda: wall,
        steady=moment,
    )
    for number, each in enumerate(times):
        if fork and number == 1 and (child := os.fork()):
            os.waitpid(child, 0)
            return
        os.environ["NVML_FAKE_TIME"] = str(each)
        begun = time.perf_counter()
        cards.look(each)
        took = time.perf_counter() - begun
        lines = log.read_text().splitlines() if log.exists() else []
        calls = [line.split()[2] for line in lines[seen:]]
        seen = len(lines)
        told = {
            "reading": msgspec.to_builtins(cards.reading),
            "calls": calls,
            "seconds": took,
        }
        print(json.dumps(told), flush=True)


def moment() -> float:
    return float(os.environ["NVML_FAKE_TIME"])


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
