"""A form changes its own lines of a Modelfile, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import ModelfileUnwritable
from models_app.modelfile.edit import values_in, with_values
from models_app.modelfile.parameters import PARAMETERS, Type
from models_app.modelfile.understand import understood

TEXT = """\
# How we write.

FROM llama3.2
PARAMETER temperature 0.7   # not a comment
  parameter top_k 40

# Who it is.
SYSTEM \"\"\"
You are brief.
# This is no comment.
\"\"\"
PARAMETER stop "END"
PARAMETER stop "USER:"
MESSAGE user Hello
MESSAGE assistant Hi.
"""


def test_what_is_said_already_leaves_the_text_as_it_is() -> None:
    for name, values in values_in(TEXT).items():
        assert with_values(TEXT, name, values) == TEXT


def test_one_value_changes_one_line() -> None:
    changed = with_values(TEXT, "top_k", ["20"])

    assert changed == TEXT.replace("  parameter top_k 40", "PARAMETER top_k 20")


def test_a_value_of_several_lines_gives_way_as_a_whole() -> None:
    changed = with_values(TEXT, "system", ["Be kind."])

    assert '# Who it is.\nSYSTEM """Be kind."""\nPARAMETER stop "END"' in changed
    assert "no comment.\n" not in changed


def test_what_is_emptied_goes_with_its_lines() -> None:
    twice = f"{TEXT}PARAMETER top_k 9\n"

    assert "top_k" not in with_values(twice, "top_k", [])
    assert with_values(TEXT, "stop", []).count("stop") == 0


def test_of_several_values_only_those_that_differ_are_written_anew() -> None:
    changed = with_values(TEXT, "stop", ["END", "BOT:", "x"])

    wanted = 'PARAMETER stop "END"\nPARAMETER stop "BOT:"\nPARAMETER stop "x"\nMESSAGE'
    assert wanted in changed


def test_a_new_parameter_stands_below_the_others() -> None:
    changed = with_values(TEXT, "seed", ["7"])

    assert 'PARAMETER stop "USER:"\nPARAMETER seed 7\nMESSAGE user' in changed


def test_a_system_prompt_stands_below_the_model() -> None:
    changed = with_values("# x\nFROM a\nPARAMETER seed 1", "system", ["Hi"])

    assert changed == '# x\nFROM a\nSYSTEM """Hi"""\nPARAMETER seed 1'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "FROM a\n"),
        ("# only this", "# only this\nFROM a"),
        ("# only this\n", "# only this\nFROM a\n"),
        ("# first\nSYSTEM x\n", "# first\nFROM a\nSYSTEM x\n"),
        ("FROM b\nFROM c\n", "FROM b\nFROM a\n"),
    ],
)
def test_a_model_stands_where_it_is_read_first(text: str, wanted: str) -> None:
    assert with_values(text, "model", ["a"]) == wanted


def test_lines_of_windows_are_counted_right() -> None:
    changed = with_values(TEXT.replace("\n", "\r\n"), "top_k", ["20"])

    assert changed == with_values(TEXT, "top_k", ["20"])


def test_what_no_modelfile_can_hold_is_refused() -> None:
    with pytest.raises(ModelfileUnwritable):
        with_values(TEXT, "system", ['a"""\nb"c'])


ONE_LINE = st.text("ab \"'#:{é中", min_size=1, max_size=6).filter(str.strip)
WORDS = st.text("ab #\n\"'", min_size=1, max_size=12)
VALUES = {
    Type.WHOLE: st.integers(0, 9).map(str),
    Type.NUMBER: st.floats(0, 2, width=16).map(str),
    Type.SWITCH: st.sampled_from(["true", "false"]),
    Type.TEXTS: ONE_LINE,
}
COMMENTS = st.sampled_from(["", "# a", "  # FROM x", "\t"])
PIECES = st.sampled_from(
    [
        "FROM a",
        "from b",
        "SYSTEM x",
        'SYSTEM """\n# in\n\nit\n"""',
        "PARAMETER temperature 1",
        "  PARAMETER top_k 3",
        'PARAMETER stop "x"',
        "MESSAGE user hi",
        'LICENSE """\nMIT\n"""',
    ]
)


@given(
    st.lists(COMMENTS | PIECES, max_size=12),
    st.sampled_from(["model", "system", *PARAMETERS]),
    st.data(),
)
def test_a_form_edit_changes_only_its_lines(
    pieces: list[str], name: str, data: st.DataObject
) -> None:
    before = "\n".join(["FROM base", *pieces])
    known = VALUES[PARAMETERS[name].type] if name in PARAMETERS else WORDS
    value = data.draw(ONE_LINE if name == "model" else known)
    try:
        after = with_values(before, name, [value])
    except ModelfileUnwritable:
        return

    said, was = values_in(after), values_in(before)
    assert said[name] == (value,)
    assert understood(after).errors == ()
    assert {**said, name: ()} == {**was, name: ()}
    assert comments(after) == comments(before)


def comments(text: str) -> list[str]:
    """Without those within a value, which are none."""
    outside = text.replace('"""\n# in\n\nit\n"""', "")
    return [each for each in outside.split("\n") if each in ("# a", "  # FROM x")]
