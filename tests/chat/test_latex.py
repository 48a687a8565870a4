import pytest

from chat.latex import LONGEST, to_mathml


def test_a_formula_becomes_mathml() -> None:
    mathml = to_mathml(r"\frac{1}{2}", display=True)

    assert mathml.startswith("<math")
    assert 'display="block"' in mathml
    assert "<mfrac>" in mathml


@pytest.mark.parametrize(
    "source",
    [
        r"\frac{1",
        r"\left(x",
        r"\ce{H2O}",
        r"x^",
        "",
        "{" * 2_000,
        "x" * (LONGEST + 1),
    ],
)
def test_what_cannot_be_read_is_shown_as_its_source(source: str) -> None:
    shown = to_mathml(source, display=False)

    assert shown == f'<code class="latex">{source}</code>'


@pytest.mark.parametrize(
    "source",
    [
        r"\newcommand{\a}{aa}\a",
        r"\renewcommand{\a}{aa}\a",
        r"\def\a{aa}\a",
        r"\newenvironment{a}{b}{c}",
        r"\DeclareMathOperator{\a}{a}",
        r"\sideset{}{}{\sum}",
    ],
)
def test_a_command_that_can_grow_without_bound_is_not_run(source: str) -> None:
    assert to_mathml(source, display=False).startswith("<code")


def test_text_in_a_formula_stays_text() -> None:
    mathml = to_mathml(r"\text{<img src=x> & y}", display=False)

    assert "&lt;img" in mathml
    assert "<img" not in mathml


@pytest.mark.parametrize(
    "environment", ["align", "align*", "aligned", "gather", "gathered", "eqnarray"]
)
def test_lines_of_a_formula_stand_in_a_table(environment: str) -> None:
    lines = rf"\begin{{{environment}}} a &= b \\ c &= d \end{{{environment}}}"

    assert to_mathml(lines, display=True).count("<mtr>") == 2


def test_aligned_lines_meet_at_their_signs() -> None:
    mathml = to_mathml(r"\begin{aligned} a &= b \end{aligned}", display=True)

    assert 'class="right"' in mathml
    assert 'class="left"' in mathml
