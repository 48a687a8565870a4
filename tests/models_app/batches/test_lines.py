"""The requests of a file: how many, for which model, and what is wrong with each."""

from io import BytesIO

import pytest
from pytest_django import Settings

from dashboard.errors import NothingInBatch, TooManyLines
from models_app.batches.lines import (
    MOST_LINES,
    Contents,
    contents_of,
    lines_in,
)
from tests.models_app.gateway.batches.asked import CHAT, jsonl, line


def test_empty_lines_are_none_and_numbers_are_those_of_an_editor() -> None:
    file = BytesIO(jsonl([line(1)]) + b"\n\n \n" + jsonl([line(2)]) + b"\r\n")

    assert [each.number for each in lines_in(file, CHAT)] == [1, 4]


def test_the_model_is_told_where_all_lines_name_the_same() -> None:
    other = line(3, body={"model": "other"})

    assert contents_of(BytesIO(jsonl([line(1), "{", line(2)]))) == Contents(3, "tiny")
    assert contents_of(BytesIO(jsonl([line(1), other]))) == Contents(2, "")


def test_what_makes_no_batch_is_refused() -> None:
    with pytest.raises(NothingInBatch):
        contents_of(BytesIO(b"\n"))
    with pytest.raises(TooManyLines):
        contents_of(BytesIO(b"{}\n" * (MOST_LINES + 1)))


def test_a_line_that_is_too_long_errs_alone(settings: Settings) -> None:
    settings.API_BODY_MB = 1
    long = line(1, body={"user": "x" * 2_500_000})

    first, second = lines_in(BytesIO(jsonl([long, line(2)])), CHAT)

    assert first.error is not None
    assert "longer than a request may be" in str(first.error)
    assert (second.number, second.error) == (2, None)
