"""What an open reply waits for or does, in words."""

import time
from dataclasses import asdict
from typing import Any

import pytest

from chat.models import Message
from chat.phase_words import (
    PhaseWords,
    head_of,
    numbers_of,
    passed_over,
    patterns,
    phase_of,
    told_from,
)
from chat.phases import Told

GB = 10**9


def queued(position: int, people: int, **fields: Any) -> Told:
    return Told("queued", server="gpu-01", position=position, people=people, **fields)


LOADING = Told("loading", server="gpu-01", model="qwen2.5 14B", since=14)
CASES: list[tuple[Told, str]] = [
    (Told(), "Waiting for the first word…"),
    (queued(1, 0), "Next in line on gpu-01"),
    (queued(2, 1), "Second in line, behind one other, on gpu-01"),
    (
        queued(3, 2, left=20.4),
        "Third in line, behind two others, on gpu-01 · about 20 s",
    ),
    (queued(12, 11), "Number 12 in line, behind 11 others, on gpu-01"),
    (LOADING, "Loading qwen2.5 14B on gpu-01 · 14 s so far"),
    (
        Told(
            "loading",
            server="gpu-01",
            model="qwen2.5 14B",
            done=5_150_000_000,
            total=9 * GB,
            share=57,
            left=12,
        ),
        "Loading qwen2.5 14B on gpu-01 · 5.1 of 9.0 GB · about 12 s left",
    ),
    (Told("loading", server="a", model="b", share=42), "Loading b on a · 42 %"),
    (Told("reading", done=5208, total=8400, share=62), "Reading 8,400 tokens · 62 %"),
    (Told("reading", done=1, total=1), "Reading 1 token"),
    (Told("reading", share=50), "Reading the messages · 50 %"),
    (Told("thinking", since=12.7), "Thinking · 12 s"),
    (Told("writing", speed=41), "Writing · 41 tok/s"),
]


@pytest.mark.parametrize(("told", "words"), CASES, ids=[each for _, each in CASES])
def test_each_phase_has_its_words(told: Told, words: str) -> None:
    assert PhaseWords(told).whole == words


def test_only_what_it_does_is_in_the_head() -> None:
    told = Told("reading", done=5208, total=8400, share=62, left=9)

    assert head_of(told) == "Reading 8,400 tokens"
    assert numbers_of(told) == "62 % · about 9 s left"


def test_a_page_gets_the_patterns_with_gaps() -> None:
    words = patterns()

    assert words["alone"] == "…place… on …server…"
    assert words["tokens"] == {
        "one": "Reading …count… token",
        "other": "Reading …count… tokens",
    }
    assert words["percent"] == "…count… %"


def test_a_row_tells_how_it_stood_a_moment_ago() -> None:
    kept = {"phase": asdict(Told("loading", since=3, left=20)), "at": 100.0}

    told = told_from(kept, now=102.0)

    assert told is not None
    assert (told.since, told.left) == (5, 18)
    assert told_from({}, now=1) is None


@pytest.mark.parametrize(
    ("fields", "phase"),
    [
        ({}, "waiting"),
        ({"text": "so"}, "writing"),
        ({"reasoning": "hm"}, "thinking"),
        (
            {"way": {"phase": asdict(Told("queued")), "at": time.time()}},
            "queued",
        ),
    ],
)
def test_an_open_row_has_a_phase(fields: dict[str, Any], phase: str) -> None:
    assert phase_of(Message(status="open", **fields)).told.phase == phase


@pytest.mark.parametrize(
    ("code", "facts", "words"),
    [
        (
            "backend_unreachable",
            {"detail": "connection refused"},
            "gpu-01 was asked first and could not be reached (connection refused)",
        ),
        (
            "backend_busy",
            {},
            "gpu-01 was asked first and could not answer (backend_busy)",
        ),
    ],
)
def test_who_was_asked_before_is_told_with_the_reason(
    code: str, facts: dict[str, str], words: str
) -> None:
    assert passed_over({"server": "gpu-01", "code": code, "facts": facts}) == words
