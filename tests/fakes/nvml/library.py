"""The fake NVML, compiled once a session, and readings of it in processes of their own.

pynvml keeps the first library that it finds for as long as its process lives, and glibc
reads LD_LIBRARY_PATH when one begins.
"""

import functools
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from dashboard.runner.compiler import found
from models_app.gpu.metrics import Metric
from models_app.gpu.reading import Reading
from models_app.gpu.samples import Card
from tests.environment import FOLDER

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SCENARIOS = HERE / "scenarios"
NO_COMPILER = "NO C COMPILER: what reads NVIDIA's cards is not tested; install gcc."


@functools.cache
def library(*flags: str) -> Path:
    """The folder of the library; skips where none can be made, which CI does not allow."""
    compiler = found()
    if not compiler:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_COMPILER)
    folder = FOLDER / "-".join(("nvml", *flags)).replace("/", "-")
    folder.mkdir()
    name = "libnvidia-ml.so.1"
    how = ("-O1", "-shared", "-fPIC", f"-Wl,-soname,{name}", *flags)
    what = ("-o", str(folder / name), str(HERE / "nvml_fake.c"), "-lm", "-lpthread")
    subprocess.run([compiler, *how, *what], check=True)
    return folder


@dataclass(frozen=True)
class Look:
    """What one look told, and the calls that it made."""

    reading: Reading
    calls: Counter[str]
    seconds: float

    @property
    def card(self) -> Card:
        return self.reading.cards[0]

    def value(self, metric: Metric) -> float | None:
        return self.card.values.get(metric)


@functools.cache
def looks(
    scenario: str,
    *times: float,
    flags: tuple[str, ...] = (),
    folder: Path | None = None,
    in_container: bool = False,
    without_library: bool = False,
    fork: bool = False,
    wall: float | None = None,
) -> list[Look]:
    """Look at those moments of a scenario: the name of a file, or its text."""
    file = SCENARIOS / f"{scenario}.conf"
    if "\n" in scenario or not scenario:
        assert folder
        file = folder / "scenario.conf"
        file.write_text(scenario)
    asked = {
        "times": times,
        "in_container": in_container,
        "fork": fork,
        "wall": wall,
    }
    where = environment(file, *flags)
    if without_library:
        del where["LD_LIBRARY_PATH"]
    log = FOLDER / f"nvml-{os.urandom(6).hex()}.log"
    said = subprocess.run(
        [sys.executable, "-m", "tests.fakes.nvml.reader", json.dumps(asked)],
        env=where | {"NVML_FAKE_LOG": str(log)},
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    ).stdout
    return [_look(line) for line in said.splitlines()]


def environment(scenario: Path, *flags: str) -> dict[str, str]:
    """For a process that is to find the fake in place of a driver."""
    return {
        **os.environ,
        "LD_LIBRARY_PATH": str(library(*flags)),
        "NVML_FAKE_SCENARIO": str(scenario),
    }


def _look(line: str) -> Look:
    said = json.loads(line)
    reading = msgspec.convert(said["reading"], Reading)
    return Look(reading, Counter(said["calls"]), said["seconds"])
