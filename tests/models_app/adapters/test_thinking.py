"""Telling a leading <think> from the reply."""

import pytest

from models_app.adapters.base import Reasoning, Text
from models_app.adapters.thinking import Thinking

REPLIES = [
    ("plain text", "", "plain text"),
    ("<think>hm</think>yes", "hm", "yes"),
    ("\n <think>\n\nhm\n</think>\n\nyes\n", "hm\n", "yes\n"),
    ("<think></think>\n\nyes", "", "yes"),
    ("</think>\n\nyes", "", "yes"),
    ("<think>never closed", "never closed", ""),
    ("<think>a < b </thin</think>yes", "a < b </thin", "yes"),
    ("<think>hm</think>use <think> so </think>", "hm", "use <think> so </think>"),
    ("<thinly> sliced", "", "<thinly> sliced"),
    ("a <think> in the middle\n</think>", "", "a <think> in the middle\n</think>"),
    ("the tag </think> ends it", "", "the tag </think> ends it"),
    ("  ", "", "  "),
    ("<thi", "", "<thi"),
    ("1 < 2 <", "", "1 < 2 <"),
]


def split(thinking: Thinking, pieces: list[str]) -> tuple[str, str]:
    said = [each for piece in pieces for each in thinking.feed(piece)]
    said += thinking.rest()
    return (
        "".join(each.text for each in said if isinstance(each, Reasoning)),
        "".join(each.text for each in said if isinstance(each, Text)),
    )


@pytest.mark.parametrize(("reply", "reasoning", "text"), REPLIES)
def test_reasoning_and_text_are_told_apart(
    reply: str, reasoning: str, text: str
) -> None:
    assert split(Thinking(), [reply]) == (reasoning, text)


@pytest.mark.parametrize(("reply", "reasoning", "text"), REPLIES)
def test_it_does_not_matter_where_the_reply_is_cut(
    reply: str, reasoning: str, text: str
) -> None:
    cuts = [[reply[:cut], reply[cut:]] for cut in range(1, len(reply))]
    for pieces in [list(reply), *cuts]:
        assert split(Thinking(), pieces) == (reasoning, text)


def test_nothing_is_held_back_that_cannot_be_a_tag() -> None:
    thinking = Thinking()

    assert thinking.feed("so ") == [Text("so ")]
    assert thinking.feed("1 <") == [Text("1 ")]
    assert thinking.feed(" 2") == [Text("< 2")]


def test_thinking_that_nobody_saw_begin_is_counted_when_it_ends() -> None:
    for cut in range(1, 24):
        reply, thinking = "let me see\n</think>\n\nyes", Thinking()

        _, text = split(thinking, [reply[:cut], reply[cut:]])

        assert text == "let me see\nyes"
        assert text[: thinking.thought] == "let me see\n"


def test_a_reply_about_the_tags_is_no_thinking() -> None:
    thinking = Thinking()

    split(thinking, list("Write <think>\nhm\n</think>\nbefore the answer."))

    assert thinking.thought == 0


def test_a_server_that_tells_them_apart_itself_is_believed() -> None:
    thinking = Thinking()
    thinking.settle()

    assert thinking.feed("<think>so</think>") == [Text("<think>so</think>")]


def test_what_was_held_back_keeps_its_place_when_the_server_is_believed() -> None:
    thinking = Thinking()
    thinking.feed("<thi")
    thinking.settle()

    assert thinking.feed("s>") == [Text("<this>")]


def test_reasoning_may_hold_its_own_end_and_the_reply() -> None:
    for cut in range(1, 22):
        reply, thinking = "let me see</think>\n\nyes", Thinking.begun()

        said = split(thinking, [reply[:cut], reply[cut:]])

        assert said == ("let me see", "yes")


def test_reasoning_that_does_not_end_stays_reasoning() -> None:
    assert split(Thinking.begun(), ["a < b ", "</thi"]) == ("a < b </thi", "")
