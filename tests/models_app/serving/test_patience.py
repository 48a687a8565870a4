"""How long a server may be silent before its first word, or before all of an answer."""

from typing import Any

import pytest

from dashboard.people.models import User
from models_app.adapters.base import ChatRequest, Form, Verbatim
from models_app.serving.ask import Ask
from models_app.serving.patience import MANY, to_first

ASK = Ask(User(), "qwen")


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
        ({"options": {"num_predict": -1}}, MANY),
        ({"max_tokens": 10**12}, MANY),
        ({"options": "none"}, MANY),
        ({}, MANY),
    ],
)
def test_an_answer_that_comes_whole_has_a_second_more_for_each_token(
    body: dict[str, Any], tokens: int
) -> None:
    assert seconds_for(Form.WHOLE, **body) == 600 + tokens


def test_vectors_have_as_long_as_a_first_token() -> None:
    ask = Ask(User(), "bert", embeds=True)
    assert to_first(ask, Verbatim("/v1/embeddings", {}), 600) == 600
