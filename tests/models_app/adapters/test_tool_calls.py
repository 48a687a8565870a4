"""Calls, put together from how servers send them."""

import pytest

from models_app.adapters.base import ToolCall
from models_app.adapters.tool_calls import ToolCalls, whole_call

OSLO = ToolCall("a", "get_weather", '{"city":"Oslo"}')
TIME = ToolCall("b", "get_time", "{}")


def piece(arguments: str | None, **fields: object) -> dict[str, object]:
    name = fields.pop("name", None)
    return {**fields, "function": {"name": name, "arguments": arguments}}


def put_together(*pieces: dict[str, object]) -> list[ToolCall]:
    calls = ToolCalls()
    for each in pieces:
        calls.feed([each])
    return calls.whole()


@pytest.mark.parametrize(
    "rest",
    [
        {"index": 0},
        {"index": 0, "id": None},
        {"index": 0, "id": ""},
        {},
    ],
)
def test_pieces_of_arguments_are_joined_and_null_changes_nothing(
    rest: dict[str, object],
) -> None:
    begun = piece("", index=0, id="a", name="get_weather")

    calls = put_together(
        begun, piece('{"city":', **rest), piece('"Oslo"}', **rest), piece(None, **rest)
    )

    assert calls == [OSLO]


def test_arguments_may_be_missing_at_first() -> None:
    begun = {"index": 0, "id": "a", "function": {"name": "get_weather"}}

    assert put_together(begun, piece('{"city":"Oslo"}', index=0)) == [OSLO]


def test_calls_are_told_apart_by_their_index_and_stand_in_its_order() -> None:
    calls = put_together(
        piece("", index=1, id="b", name="get_time"),
        piece('{"city":', index=0, id="a", name="get_weather"),
        piece("{}", index=1),
        piece('"Oslo"}', index=0),
    )

    assert calls == [OSLO, TIME]


def test_without_an_index_a_name_begins_the_next_call() -> None:
    calls = put_together(
        piece('{"city":', id="a", name="get_weather"),
        piece('"Oslo"}'),
        piece("{}", id="b", name="get_time"),
    )

    assert calls == [OSLO, TIME]


def test_a_call_without_id_or_arguments_gets_some() -> None:
    assert put_together(piece(None, index=0, name="now")) == [
        ToolCall("call_0", "now", "{}")
    ]


def test_arguments_that_are_an_object_become_text() -> None:
    called = {"id": "a", "function": {"name": "look", "arguments": {"at": "Blåbær"}}}

    assert whole_call(called, 3) == ToolCall(
        "a", "look", '{"at": "Bl\\u00e5b\\u00e6r"}'
    )


def test_a_call_in_one_piece_may_lack_its_id() -> None:
    assert whole_call({"function": {"name": "look"}}, 3) == ToolCall(
        "call_3", "look", "{}"
    )
