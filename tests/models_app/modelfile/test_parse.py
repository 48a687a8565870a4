"""Reading Modelfiles as Ollama reads them, and whatever else somebody may write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.modelfile.grammar import is_kept
from models_app.modelfile.parse import MOST_TROUBLES, parse, text_of
from models_app.modelfile.troubles import SENTENCES, Fault
from tests.models_app.modelfile.cases import CASES, Case

PIECES = (
    "FROM m\n",
    "SYSTEM ",
    "PARAMETER ",
    "MESSAGE ",
    "user ",
    "stop ",
    '"',
    '"""',
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "#",
    "a b",
    "\u200b",
    "\ud800",
    "\x00",
    "é",
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=20).map(
    "".join
)


@pytest.mark.parametrize("case", CASES, ids=lambda each: each.id)
def test_every_case_is_read_as_ollama_reads_it(case: Case) -> None:
    parsed = parse(case.input)

    if wrong := case.expected.get("parse_error"):
        assert [each.message for each in parsed.errors] == [wrong]
    else:
        assert [(each.name, each.args) for each in parsed.commands] == case.commands
        assert parsed.errors == ()


@given(TEXTS)
def test_any_text_gives_commands_or_errors_at_places_within_it(text: str) -> None:
    parsed = parse(text)

    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert parsed.errors or parsed.commands
    places = [(each.line, each.column) for each in parsed.commands]
    places += [(each.line, each.column) for each in parsed.errors]
    for line, column in places:
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1
    for trouble in parsed.errors:
        assert trouble.sentence % trouble.facts


@given(st.binary(max_size=60))
def test_any_bytes_are_a_text(content: bytes) -> None:
    assert isinstance(text_of(content), str)
    parse(text_of(content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_are_honoured(encoding: str) -> None:
    (command,) = parse(text_of("FROM 模型\n".encode(encoding))).commands

    assert (command.args, command.column) == ("模型", 1)


def test_bytes_that_are_no_text_are_marked_and_kept() -> None:
    (command,) = parse(text_of(b"FROM a\xff\xfeb\n")).commands

    assert command.args == "a��b"


@pytest.mark.parametrize(
    ("text", "place", "fault"),
    [
        ("FROM m\n\n  BAD x\n", (3, 3), Fault.NO_INSTRUCTION),
        ("FROM m\r\nSYSTEM hi\r\nBAD x", (3, 1), Fault.NO_INSTRUCTION),
        ("FROM m\nSYSTEM\nTEMPLATE x", (2, 1), Fault.NO_INSTRUCTION),
        ("FROM m\nPARAMETER a-b 1\n", (2, 11), Fault.BROKEN_NAME),
        ("FROM m\nMESSAGE me hi\n", (2, 9), Fault.NO_ROLE),
        ('FROM m\n SYSTEM """x\ny\n', (2, 2), Fault.UNCLOSED),
        ("FROM m\nSYSTEM", (2, 1), Fault.UNFINISHED),
        ("\ufeffBAD x\nFROM m", (1, 1), Fault.NO_INSTRUCTION),
        ("\x0b\x0b\nFROM m", (1, 1), Fault.NO_INSTRUCTION),
        ("# only this", (1, 1), Fault.NO_FROM),
    ],
)
def test_an_error_stands_where_an_editor_would_show_it(
    text: str, place: tuple[int, int], fault: Fault
) -> None:
    (trouble,) = parse(text).errors

    assert (trouble.line, trouble.column) == place
    assert trouble.fault == fault


def test_after_an_error_the_next_line_is_read() -> None:
    parsed = parse("FORM m\nPARAMETER top_k\nSYSTEM hi\nMESSAGE me x\n")

    assert [each.line for each in parsed.errors] == [1, 2, 4]
    assert [each.name for each in parsed.commands] == ["system"]


def test_a_command_knows_its_first_and_its_last_line() -> None:
    _, command = parse('FROM m\n\n  SYSTEM """a\r\nb\n"""  \nPARAMETER').commands

    assert (command.line, command.column, command.last_line) == (3, 3, 5)


def test_a_file_that_is_no_modelfile_is_not_told_line_by_line_for_ever() -> None:
    assert len(parse("nonsense\n" * 20_000).errors) == MOST_TROUBLES


@pytest.mark.parametrize("character", ["a", "é", "模", "🫨", "\U00031350", "\t", "�"])
def test_what_can_be_seen_is_kept(character: str) -> None:
    assert is_kept(character)


def test_every_fault_has_a_sentence() -> None:
    assert SENTENCES.keys() == {*Fault}
