"""The lines of a batch's file, however somebody has laid them out."""

import json
from io import BytesIO

import pytest

from dashboard.errors import LineElsewhere, LineUnfit, NothingInBatch, TooManyLines
from models_app.batches.lines import MOST_IN_ALL, check_first_line, contents_of

CHAT = "/v1/chat/completions"
GOOD = json.dumps(
    {"custom_id": "a", "method": "POST", "url": CHAT, "body": {}}
).encode()


def test_a_first_line_may_stand_after_empty_ones() -> None:
    check_first_line(BytesIO(b"\n \r\n" * 40_000 + GOOD + b"\nnonsense"), CHAT)
    check_first_line(BytesIO(GOOD), CHAT)

    with pytest.raises(LineElsewhere) as wrong:
        check_first_line(BytesIO(b"\n\n" + GOOD), "/v1/embeddings")
    assert wrong.value.facts["line"] == 3


@pytest.mark.parametrize("text", [b"", b"\n" * 50_000_000])
def test_a_file_of_nothing_is_no_batch(text: bytes) -> None:
    with pytest.raises(NothingInBatch):
        check_first_line(BytesIO(text), CHAT)


def test_no_more_is_read_than_one_line_may_have() -> None:
    endless = BytesIO(b"x" * 50_000_000)

    with pytest.raises(LineUnfit):
        check_first_line(endless, CHAT)

    assert endless.tell() < 40_000_000


def test_empty_lines_have_an_end_too() -> None:
    with pytest.raises(TooManyLines):
        contents_of(BytesIO(b"\n" * (MOST_IN_ALL + 1)))
