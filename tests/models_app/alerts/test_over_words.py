"""What is said when an alert is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from models_app.alerts.endings import Ending
from models_app.alerts.messages import message_of
from models_app.alerts.over_words import lasted, over_sentence
from models_app.models import Alert

NOW = timezone.now()
FACTS = {"host": "gpu-01", "card": "H200", "index": 5, "limit": 85}


def hot(**facts: object) -> Alert:
    began = NOW - timedelta(minutes=72)
    return Alert(
        kind="hot", facts={**FACTS, **facts}, began=began, cleared_at=NOW, value=91.0
    )


def test_an_alert_that_is_over_says_so_and_how_long_it_lasted() -> None:
    assert over_sentence(hot()) == (
        "Card too hot: gpu-01 · H200 (card 5). This is over; it lasted 1 hour, 12 minutes."
    )


@pytest.mark.parametrize("why", Ending)
def test_an_alert_that_ended_unwell_says_why_and_never_that_it_is_over(
    why: Ending,
) -> None:
    said = over_sentence(hot(ended=why.value))

    assert "after 1 hour, 12 minutes" in said
    assert "This is over" not in said
    assert "%(" not in said


def test_a_card_that_is_lost_is_not_said_to_be_cool() -> None:
    said = over_sentence(hot(ended="card-lost"))

    assert said.endswith("the card does not answer any more.")
    assert message_of(hot(ended="card-lost"), event="cleared", style="slack")[
        "text"
    ].startswith("⚪ Card too hot")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 seconds"), (1, "1 second"), (59, "59 seconds")]
)
def test_less_than_a_minute_is_told_in_seconds(seconds: int, said: str) -> None:
    assert lasted(NOW, NOW + timedelta(seconds=seconds)) == said


def test_programs_hear_which_card_it_is_and_that_it_is_over() -> None:
    fired = message_of(hot(), event="fired", style="json")
    cleared = message_of(hot(ended="card-gone"), event="cleared", style="json")

    assert (fired["card"], fired["index"], fired["ended"]) == ("H200", 5, None)
    assert "went over 85 °C" in fired["sentence"]
    assert (cleared["index"], cleared["ended"]) == (5, "card-gone")
    assert "went over" not in cleared["sentence"]
