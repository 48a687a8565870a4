"""The clock inside the worker."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from celery import Celery

from dashboard.beat import BeatStep, EnduringScheduler
from dashboard.runner.programs import BASE_DIR

FAILING = """
import sys, threading
from celery import Celery
from dashboard.beat import Beat

app = Celery()
app.conf.beat_schedule_filename = sys.argv[1]
Beat(app).start()
threading.Event().wait(20)
"""


def make_scheduler(path: Path) -> EnduringScheduler:
    return EnduringScheduler(Celery(), schedule_filename=str(path))


@pytest.mark.parametrize("suffix", ["", ".db", ".dat", ".dir"])
def test_a_schedule_file_of_rubbish_is_begun_anew(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "beat"
    path.with_name(f"beat{suffix}").write_bytes(b"'half a li\0ne")

    scheduler = make_scheduler(path)

    assert list(scheduler.schedule) == ["celery.backend_cleanup"]
    scheduler.close()


@pytest.mark.parametrize("share", [0, 0.5, 0.9])
def test_a_schedule_file_cut_short_by_a_kill_is_begun_anew(
    tmp_path: Path, share: float
) -> None:
    make_scheduler(tmp_path / "beat").close()
    for file in tmp_path.glob("beat*"):
        os.truncate(file, int(file.stat().st_size * share))

    scheduler = make_scheduler(tmp_path / "beat")

    assert list(scheduler.schedule) == ["celery.backend_cleanup"]
    scheduler.close()


def test_a_clock_that_fails_ends_its_worker(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    command = [sys.executable, "-c", FAILING, str(tmp_path / "file" / "beat")]

    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, timeout=20)

    assert done.returncode == -signal.SIGTERM


@pytest.mark.parametrize("wanted", [True, False])
def test_only_a_worker_that_is_told_to_has_the_clock(wanted: bool) -> None:
    assert BeatStep(object(), with_beat=wanted).include_if(object()) is wanted
