"""Where a pull stands, in words."""

from typing import Any

import pytest

from models_app.models import Pull
from models_app.pull_words import bar_of, patterns, progress_text, size_text, time_text

GB, MB = 10**9, 10**6


def running(**fields: Any) -> Pull:
    return Pull(name="tiny", **{"status": "running", **fields})


@pytest.mark.parametrize(
    ("fields", "told", "bar"),
    [
        ({"status": "queued"}, "waits for its turn", (0, 1)),
        ({}, "looking for the model…", None),
        ({"done": 5 * MB, "speed": 84 * MB}, "5.0 MB so far · 84 MB/s", None),
        (
            {"done": 2_190 * MB, "total": 4_700 * MB, "speed": 81 * MB},
            "2.1 of 4.7 GB · 81 MB/s · 31 s left",
            (2_190 * MB, 4_700 * MB),
        ),
        (
            {"done": 9, "total": 9, "said": "verifying x"},
            "verifying what came…",
            (1, 1),
        ),
        (
            {"done": 9, "total": 9, "said": "writing it"},
            "writing the manifest…",
            (1, 1),
        ),
        (
            {"done": MB, "total": 3 * MB, "speed": 0, "idle": 160, "fruitless": 2},
            "1.0 of 3.0 MB · no data for 3 min · asked again (2 of 3)",
            (MB, 3 * MB),
        ),
        ({"idle": 40}, "no data for 40 s", None),
        ({"idle": 9, "stop_requested": True}, "being cancelled…", None),
    ],
)
def test_an_open_pull_says_what_it_does_and_no_more_than_is_known(
    fields: dict[str, Any], told: str, bar: tuple[int, int] | None
) -> None:
    pull = running(**fields)

    assert progress_text(pull) == told
    assert bar_of(pull) == bar


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(59, "59 s"), (60, "1 min"), (61, "2 min"), (3540, "59 min"), (3541, "1 h 0 min")],
)
def test_times_are_told_in_whole_minutes_from_one_on(seconds: int, told: str) -> None:
    assert time_text(seconds) == told


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        (0, "0 kB"),
        (9_990, "9 kB"),
        (9_990_000, "9.9 MB"),
        (999_999_999, "999 MB"),
        (99_990_000_000, "99.9 GB"),
        (100_000_000_000, "100 GB"),
    ],
)
def test_what_is_not_whole_is_not_told_so(amount: int, told: str) -> None:
    assert size_text(amount) == told


def test_a_page_gets_the_same_words_with_gaps() -> None:
    words = patterns()

    assert words["amount"] == "…done… of …total…"
    assert words["asked"] == "asked again (…tries… of 3)"
