import re
from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name

from dashboard.highlight import ALIASES, CLASSES, LANGUAGES, LONGEST, highlighted

MARKDOWN_CSS = Path(__file__).parents[2] / "static" / "css" / "markdown.css"


def unhurried() -> None:
    """Highlighting may take its time."""


def impatient() -> None:
    raise TimeoutError


def test_words_carry_the_class_of_their_kind() -> None:
    html = highlighted("def f(): # x\n", "python", check=unhurried)

    assert '<span class="k">def</span>' in html
    assert '<span class="nf">f</span>' in html
    assert '<span class="c"># x</span>' in html


@pytest.mark.parametrize("code", ["\n\n  x = '<b>'\n\n\n", "x", "", "\ttab\n"])
def test_nothing_of_the_code_is_lost(code: str) -> None:
    html = highlighted(code, "python", check=unhurried)

    plain = re.sub(r"</?span[^>]*>", "", html)
    assert plain == code.replace("<", "&lt;").replace(">", "&gt;").replace(
        "'", "&#x27;"
    )


@pytest.mark.parametrize("language", ["", "klingon", "ocaml"])
def test_code_in_an_unknown_language_has_one_colour(language: str) -> None:
    assert highlighted("a < 1", language, check=unhurried) == "a &lt; 1"


def test_long_code_has_one_colour() -> None:
    assert "<span" not in highlighted("1\n" * LONGEST, "python", check=unhurried)


def test_highlighting_can_be_stopped() -> None:
    with pytest.raises(TimeoutError):
        highlighted("x = 1", "python", check=impatient)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_has_a_lexer(language: str) -> None:
    assert get_lexer_by_name(ALIASES.get(language, language))


def test_every_class_has_a_colour() -> None:
    coloured = set(re.findall(r"\.([a-z]{1,2})\b", MARKDOWN_CSS.read_text()))

    assert set(CLASSES.values()) <= coloured
