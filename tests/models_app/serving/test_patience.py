"""How long a server may be silent before its first word, or before all of an answer."""

import asyncio
from typing import Any

import pytest

from dashboard.errors import DashboardError
from dashboard.people.models import User
from models_app.adapters.base import ChatRequest, Form, Verbatim
from models_app.serving.ask import Ask
from models_app.serving.patience import MANY, UNSAID, Recall, Watch, to_first

ASK = Ask(User(), "qwen", size=5)


def seconds_for(form: Form, **body: Any) -> float:
    return to_first(ASK, Verbatim("/v1/chat/completions", body, form), 600)


def test_a_stream_has_as_long_as_its_first_token() -> None:
    assert seconds_for(Form.EVENTS, max_tokens=100) == 600
    assert to_first(ASK, ChatRequest("qwen", ()), 600) == 600


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ({"max_tokens": 100}, 100),
        ({"max_completion_tokens": 7, "max_tokens": 100}, 7),
        ({"options": {"num_predict": 20}}, 20),
        ({"options": {"num_predict": -1}}, UNSAID),
        ({"max_tokens": 10**12}, MANY),
        ({"options": "none"}, UNSAID),
        ({}, UNSAID),
    ],
)
def test_an_answer_that_comes_whole_has_a_second_more_for_each_token(
    body: dict[str, Any], tokens: int
) -> None:
    assert seconds_for(Form.WHOLE, **body) == 600 + tokens


@pytest.mark.parametrize(
    "ask", [Ask(User(), "bert", size=5, embeds=True), Ask(User(), "qwen")]
)
def test_vectors_and_loads_have_as_long_as_a_first_token(ask: Ask) -> None:
    assert to_first(ask, Verbatim("/api/embed", {}), 600) == 600


async def test_a_call_that_comes_too_late_cancels_nothing() -> None:
    recall, watch = Recall(), Watch(60)
    recall.heard_by(watch)
    watch.begin()
    watch.close()

    recall.give(DashboardError())

    await asyncio.sleep(0)
