"""Writing Modelfiles: what is written reads as the same, or nothing is written."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.errors import ModelfileUnwritable
from models_app.modelfile.commands import Command, Parsed
from models_app.modelfile.grammar import kept
from models_app.modelfile.parse import parse
from models_app.modelfile.write import write
from tests.models_app.modelfile.cases import SOUND, Case

HOSTILE = st.lists(
    st.sampled_from(
        ['"""', '"', " ", "\t", "\n", "\r\n", "\r", "#", "FROM x", "\u00a0"]
    )
    | st.text(max_size=4),
    max_size=8,
).map("".join)
NAMES = st.sampled_from(("model", "system", "template", "license", "stop", "top_k"))
MESSAGES = st.builds(
    lambda role, text: Command("message", f"{role}: {text}"),
    st.sampled_from(("system", "user", "assistant")),
    HOSTILE,
)
COMMANDS = st.lists(st.builds(Command, NAMES, HOSTILE) | MESSAGES, max_size=5)
FROM = Command("model", "m")


@pytest.mark.parametrize("case", SOUND, ids=lambda each: each.id)
def test_every_case_is_written_so_that_it_reads_the_same(case: Case) -> None:
    commands = parse(case.input).commands

    assert parse(write(commands)).commands == commands


@given(COMMANDS)
@example([Command("system", '"hello" she said')])
@example([Command("stop", '"""')])
@example([Command("message", "hi")])
def test_what_is_written_reads_as_the_same_commands(commands: list[Command]) -> None:
    whole = (FROM, *commands)
    text = None
    with suppress(ModelfileUnwritable):
        text = write(whole)

    assert text is None or parse(text) == Parsed(whole, ())


@given(COMMANDS)
def test_only_what_no_modelfile_can_hold_is_refused(commands: list[Command]) -> None:
    plain = [Command(c.name, kept(c.args).replace('"', "")) for c in commands]

    assert write((FROM, *plain))


@given(st.text(alphabet=st.characters(blacklist_characters='"'), max_size=30).map(kept))
def test_a_text_without_quotation_marks_can_always_be_written(text: str) -> None:
    assert parse(write((FROM, Command("system", text)))).commands[1].args == text


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (Command("system", "hi"), 'SYSTEM """hi"""\n'),
        (Command("stop", "END"), 'PARAMETER stop "END"\n'),
        (Command("stop", 'a"'), 'PARAMETER stop "a""\n'),
        (Command("top_k", "5"), "PARAMETER top_k 5\n"),
        (Command("model", " a "), 'FROM " a "\n'),
        (Command("message", "user: hi"), 'MESSAGE user """hi"""\n'),
        (Command("system", 'a """ b'), 'SYSTEM """a """ b"""\n'),
        (Command("", "x"), "PARAMETER  x\n"),
    ],
)
def test_each_is_written_as_plainly_as_it_can_be(command: Command, line: str) -> None:
    assert write((command,)) == line


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (Command("system", 'a"""\nb'), "SYSTEM cannot be written: it would end early"),
        (Command("system", "a\u00a0b"), "SYSTEM cannot be written: it has characters"),
        (Command("stop", "\x00"), "PARAMETER stop cannot be written"),
        (Command("a-b", "1"), "PARAMETER a-b cannot be written: no instruction"),
    ],
)
def test_what_would_read_otherwise_is_refused(command: Command, said: str) -> None:
    with pytest.raises(ModelfileUnwritable, match=said):
        write((command,))
