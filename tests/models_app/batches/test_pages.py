"""What was answered, on the disk: whole lines alone, each once, by one writer."""

from pathlib import Path

import pytest
from pytest_django import Settings

from models_app.batches.pages import Pages, Taken
from models_app.batches.places import path_of

OUT, ERR = "file-aa", "file-bb"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> None:
    settings.PADDOCK_DATA = tmp_path


def test_what_is_written_is_read_by_whoever_comes_next() -> None:
    with Pages(OUT, ERR) as pages:
        pages.write(3, {"custom_id": "c"}, failed=False)
        pages.write(1, {"custom_id": "a"}, failed=True)

    with Pages(OUT, ERR) as again:
        assert (again.answered, again.failed) == ({3}, {1})


def test_a_line_is_written_once() -> None:
    with Pages(OUT, ERR) as pages:
        pages.write(1, {}, failed=False)
        pages.write(1, {}, failed=True)

    assert path_of(OUT).read_text().count("\n") == 1
    assert path_of(ERR).read_text() == ""


@pytest.mark.parametrize(
    "left", [b'{"id":"batch_req_aa_2"', b'{"id":"batch_req_aa_2"}']
)
def test_a_line_that_broke_off_is_taken_away(left: bytes) -> None:
    with Pages(OUT, ERR) as pages:
        pages.write(1, {}, failed=False)
    with path_of(OUT).open("ab") as torn:
        torn.write(left)

    with Pages(OUT, ERR) as again:
        assert again.answered == {1}
        again.write(2, {}, failed=False)
    assert path_of(OUT).read_text().splitlines() == [
        '{"id":"batch_req_aa_1"}',
        '{"id":"batch_req_aa_2"}',
    ]


def test_two_never_write_at_once() -> None:
    with Pages(OUT, ERR), pytest.raises(Taken), Pages(OUT, ERR):
        pass

    with Pages(OUT, ERR) as free:
        assert free.answered == set()
