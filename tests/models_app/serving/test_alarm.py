"""When a model is said to have read less than it was sent, and when it is not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.adapters.base import ChatMessage
from models_app.adapters.overflow import Overflow, overflow_in
from models_app.serving.alarm import Answered, Earlier, Kind, Sent, alarm_of
from models_app.serving.least import least_tokens, scarce_sent
from tests.recordings import recorded_case

COUNTS = st.integers(1, 200_000)
RATIOS = st.floats(1.0, 6.0)
"""Tokens for each of the least: prose 1.3, code 2, Chinese 2.5, emoji beyond all."""
WINDOWS = st.one_of(st.none(), st.integers(256, 1_000_000))


@given(COUNTS, RATIOS, st.integers(0, 400), WINDOWS)
def test_what_was_read_whole_raises_no_alarm_of_a_cut(
    least: int, ratio: float, template: int, window: int | None
) -> None:
    read = round(least * ratio) + template

    alarm = alarm_of(Sent(least), Answered(read, window=window))

    assert alarm is None or alarm.kind == Kind.FULL


@given(COUNTS, COUNTS, RATIOS, RATIOS, st.integers(0, 400))
def test_nor_does_a_conversation_that_grows_in_another_script(
    first: int, more: int, ratio: float, other: float, template: int
) -> None:
    before = Earlier(first, read=round(first * ratio) + template)
    read = before.read + round(more * other)

    assert alarm_of(Sent(first + more, before=before), Answered(read)) is None


@given(COUNTS, st.floats(0.92, 1.0))
def test_nor_does_a_tokenizer_that_joins_some_words(least: int, share: float) -> None:
    assert alarm_of(Sent(least), Answered(max(1, round(least * share)))) is None


@given(COUNTS, RATIOS, st.floats(0.01, 0.85))
def test_what_falls_below_the_least_is_a_cut(
    least: int, ratio: float, share: float
) -> None:
    least += 1000
    alarm = alarm_of(Sent(least, ratio=ratio), Answered(max(1, round(least * share))))

    assert alarm is not None
    assert (alarm.kind, alarm.exact) == (Kind.CUT, False)
    assert alarm.dropped == alarm.sent - alarm.read > 0


@given(COUNTS, RATIOS, st.integers(1, 5000))
def test_what_an_earlier_turn_was_read_as_cannot_shrink(
    least: int, ratio: float, more: int
) -> None:
    before = Earlier(least, read=round(least * ratio) + 200)
    sent = Sent(least + more, before=before)
    read = int(before.read * 0.8) - 20

    alarm = alarm_of(sent, Answered(read)) if read > 0 else None

    assert read <= 0 or (alarm and alarm.kind == Kind.CUT)


def test_a_server_that_refuses_what_is_too_long_never_cuts() -> None:
    assert alarm_of(Sent(9000), Answered(4096, silent=False)) is None


def test_a_server_that_says_nothing_raises_nothing() -> None:
    assert alarm_of(Sent(9000), Answered(None)) is None
    assert alarm_of(Sent(9000), Answered(0)) is None


def test_ollama_that_kept_half_of_a_message_is_caught() -> None:
    case = recorded_case("real-ollama-chat.json", "chat, prompt over the context")
    read = case["body"]["prompt_eval_count"]

    alarm = alarm_of(Sent(least_tokens("word " * 4000), ratio=1.0), Answered(read))

    assert alarm is not None
    assert (alarm.kind, alarm.read, alarm.sent) == (Kind.CUT, 1026, 4000)


def test_half_of_a_message_without_words_is_known_by_its_mark() -> None:
    scarce = scarce_sent([ChatMessage("user", "学习中文需要时间" * 400)])
    sent = Sent(least=800, scarce=scarce)

    marked = alarm_of(sent, Answered(1026, window=2048))

    assert marked is not None
    assert marked.kind == Kind.CUT
    assert alarm_of(sent, Answered(1326, window=2048)) is None


def test_a_window_of_an_earlier_load_is_not_told() -> None:
    alarm = alarm_of(Sent(9000), Answered(4096, window=131_072))

    assert alarm is not None
    assert alarm.window is None


@pytest.mark.parametrize(
    ("read", "written", "full"),
    [(3000, 1090, True), (3891, 1, True), (3000, 800, False)],
)
def test_a_window_is_full_from_the_last_twentieth_on(
    read: int, written: int, full: bool
) -> None:
    alarm = alarm_of(Sent(1000), Answered(read, written, window=4096))

    assert (alarm is not None) == full
    assert alarm is None or (alarm.kind, alarm.used) == (Kind.FULL, read + written)


def refusal(recording: str, case: str) -> str:
    body: Any = recorded_case(recording, case)["body"]
    return json.dumps(body)


def test_a_refusal_is_told_with_the_servers_own_numbers() -> None:
    words = refusal("llamacpp-errors.json", "prompt longer than the slot context")

    alarm = alarm_of(Sent(2600), Answered(refusal=words))

    assert overflow_in(words) == Overflow(2631, 2048)
    assert alarm is not None
    assert (alarm.kind, alarm.sent, alarm.window) == (Kind.REFUSED, 2631, 2048)
    assert alarm.exact


def test_vllm_stops_counting_so_that_the_guess_is_told() -> None:
    words = refusal("real-vllm-errors.json", "prompt too long")

    alarm = alarm_of(Sent(4000), Answered(refusal=words))

    assert overflow_in(words) == Overflow(2049, 2048, exact=False)
    assert alarm is not None
    assert (alarm.sent, alarm.exact) == (5400, False)


def test_words_without_numbers_are_no_overflow() -> None:
    assert alarm_of(Sent(4000), Answered(refusal="out of memory")) is None
