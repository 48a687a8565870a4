"""Reading how far a router is with a download."""

import json

import pytest

from models_app.adapters.base import PullStep
from models_app.adapters.lines import Garbled
from models_app.adapters.llamacpp_download import EventReader, is_same, steps_in
from models_app.adapters.pull_failures import PullFailed
from tests.recordings import recorded

EVENTS = recorded("llamacpp-router-events.sse")
TINY = "example/Tiny-Chat-GGUF:Q4_K_M"
FILE = "https://huggingface.co/example/Tiny-Chat-GGUF/resolve/main/tiny-q4.gguf"
STEPS = [
    PullStep("downloading", FILE, 219_307_424, 195_963_406),
    PullStep("downloaded"),
]


def read(*pieces: bytes, name: str = TINY) -> list[PullStep]:
    reader, steps = EventReader(name), list[PullStep]()
    for piece in (*pieces, b""):
        if not reader.finished:
            steps += reader.feed(piece)
    return steps


def event(kind: str, *, model: str = TINY, **told: object) -> bytes:
    body = {"model": model, "event": kind, "data": told}
    return f"data: {json.dumps(body)}\n\n".encode()


def test_a_download_is_the_same_wherever_its_events_are_cut() -> None:
    for cut in range(1, len(EVENTS)):
        assert read(EVENTS[:cut], EVENTS[cut:]) == STEPS


def test_a_stream_that_ends_before_the_download_is_a_failure() -> None:
    for end in range(1, EVENTS.index(b"download_finished")):
        with pytest.raises((Garbled, ValueError)):
            read(EVENTS[:end])


def test_a_download_that_failed_says_so() -> None:
    with pytest.raises(PullFailed, match="gives no reason"):
        read(EVENTS, name="other/x:Q4")


def test_a_model_that_is_removed_meanwhile_is_no_success() -> None:
    with pytest.raises(PullFailed, match="somebody has stopped it"):
        read(event("model_remove"))


def test_the_server_may_choose_the_quantization() -> None:
    assert read(EVENTS, name="example/Tiny-Chat-GGUF") == STEPS
    assert not is_same("a/b:Q4", "a/b:Q8")


def test_some_builds_tell_the_end_by_a_status_only() -> None:
    begun = event("status_change", status="downloading")

    assert read(begun, event("status_change", status="unloaded")) == STEPS[1:]


def test_a_status_before_the_download_is_not_its_end() -> None:
    before = event("model_status", status="unloaded")

    assert read(before, event("download_finished")) == STEPS[1:]


@pytest.mark.parametrize("told", [{}, {"a": None}, {"a": 7}, {"a": []}, {"a": {}}])
def test_progress_that_says_nothing_is_no_step(told: dict[str, object]) -> None:
    assert steps_in(told) == []
