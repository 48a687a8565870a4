"""A Modelfile as a page shows it, and what is different between two."""

from hypothesis import given
from hypothesis import strategies as st

from models_app.modelfile.diff import Change, diff
from models_app.modelfile.shown import shown_lines
from models_app.modelfile.understand import understood

TEXT = """\
# First.
FROM tiny
  parameter temperature hot
SYSTEM \"\"\"
# Within.
\"\"\"
MESSAGE user Hello there
"""


def test_each_line_has_its_parts() -> None:
    lines = shown_lines(TEXT)

    parts = [(each.word, each.name, each.rest) for each in lines]
    assert parts[1] == ("FROM", "", " tiny")
    assert parts[2] == ("parameter", " temperature", " hot")
    assert parts[6] == ("MESSAGE", " user", " Hello there")
    assert [each.number for each in lines if each.is_comment] == [1]


def test_a_trouble_stands_at_its_line() -> None:
    text = f"{TEXT}PARAMETER seed x\nPARAMETER top_k 1\nPARAMETER top_k 2\n"
    lines = shown_lines(text, understood(text))

    assert [each.number for each in lines if each.errors] == [3, 8]
    assert [each.number for each in lines if each.warnings] == [9]
    assert [each.room for each in lines] == [2, 1, 0, 0, 0, 2, 1, 1, 0, 0, 0]


@given(st.text('FROM system"#\n\t é', max_size=60))
def test_no_character_of_a_text_is_lost(text: str) -> None:
    assert "\n".join(each.text for each in shown_lines(text)) == text


def test_what_changed_stands_among_its_neighbours() -> None:
    old = "".join(f"{number}\n" for number in range(1, 21))

    lines = diff(old, old.replace("10\n", "ten\nand a half\n"))

    assert [each.text for each in lines if each.change is Change.REMOVED] == ["10"]
    added = [(each.text, each.new) for each in lines if each.change is Change.ADDED]
    assert added == [("ten", 10), ("and a half", 11)]
    assert [each.count for each in lines if each.change is Change.SKIPPED] == [6, 7]


def test_a_first_text_has_taken_nothing_away() -> None:
    assert [each.change for each in diff("", "a\nb\n")] == [Change.ADDED] * 2


def test_texts_that_are_the_same_differ_in_nothing() -> None:
    assert diff("a\nb\n", "a\nb\n") == []


@given(st.text("ab\n", max_size=30), st.text("ab\n", max_size=30))
def test_a_diff_leads_from_one_text_to_the_other(old: str, new: str) -> None:
    lines = diff(old, new)

    before = old.removesuffix("\n").split("\n") if old else []
    assert all(each.text == before[each.old - 1] for each in lines if each.old)
    same = sum(each.count for each in lines) + sum(bool(each.old) for each in lines)
    assert same == len(before) if lines else old.rstrip("\n") == new.rstrip("\n")
