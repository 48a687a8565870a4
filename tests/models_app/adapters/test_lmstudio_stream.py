"""Reading LM Studio's native stream."""

import json

import pytest

from models_app.adapters.base import Chunk, Finish, Loading, Reading, Text, Usage
from models_app.adapters.lines import Garbled
from models_app.adapters.lmstudio_stream import NativeReader
from tests.fakes.asking import finish_in, text_in
from tests.models_app.adapters.dialects import NATIVE
from tests.recordings import recorded

read = NATIVE.read


def ended(stats: object) -> bytes:
    end = {"type": "chat.end", "result": {"stats": stats}}
    return f"event: chat.end\ndata: {json.dumps(end)}\n\n".encode()


def test_tools_that_the_server_calls_itself_are_no_calls_for_others() -> None:
    chunks = read(recorded("lmstudio-chat-tools-stream.sse"))

    assert [type(each) for each in chunks] == [Reading, Text, Finish]
    assert text_in(chunks) == "Found one."


def test_it_tells_how_far_the_load_is_and_then_the_prompt() -> None:
    chunks = read(recorded("lmstudio-chat-stream.sse"))

    assert chunks[:5] == [
        Loading(),
        Loading(share=0.42),
        Loading(share=1.0),
        Reading(),
        Reading(share=0.5),
    ]


def test_an_error_counts_although_an_end_follows() -> None:
    with pytest.raises(Garbled, match="could not reach MCP server docs"):
        read(recorded("lmstudio-chat-error-stream.sse"))


def test_an_error_without_a_type_counts_too() -> None:
    chunks: list[Chunk] = []

    with pytest.raises(Garbled, match="no more"):
        chunks.extend(NATIVE.reader().feed(b'data: {"error": "no more"}\n\n'))

    assert chunks == []


def test_seconds_and_speeds_become_milliseconds() -> None:
    stats = {
        "input_tokens": 5,
        "total_output_tokens": 50,
        "tokens_per_second": 25.0,
        "model_load_time_seconds": 1.5,
    }

    usage = finish_in(read(NATIVE.text("a"), ended(stats))).usage

    assert usage == Usage(5, 50, predicted_ms=2000.0, load_ms=1500.0)


@pytest.mark.parametrize(
    "stats", [None, {}, {"total_output_tokens": 0, "tokens_per_second": 0}]
)
def test_what_was_not_measured_stays_unknown(stats: object) -> None:
    usage = finish_in(read(ended(stats))).usage

    assert (usage.predicted_ms, usage.load_ms) == (None, None)


def test_events_of_later_versions_are_passed_over() -> None:
    strange = b'event: chat.mood\ndata: {"type": "chat.mood", "content": "x"}\n\n'

    assert text_in(read(strange, NATIVE.text("a"), strange, NATIVE.end)) == "a"


@pytest.mark.parametrize(
    ("limit", "reason"), [(None, "stop"), (49, "length"), (50, "length"), (51, "stop")]
)
def test_a_reply_as_long_as_its_limit_was_cut_off_there(
    limit: int | None, reason: str
) -> None:
    (finish,) = NativeReader(limit=limit).feed(ended({"total_output_tokens": 50}))

    assert isinstance(finish, Finish)
    assert finish.reason == reason
