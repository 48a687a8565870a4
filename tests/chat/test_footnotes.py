import re

import pytest

from chat.blocks import split
from chat.footnotes import MOST, WAYS_BACK
from chat.markdown import render


def references(html: str) -> list[str]:
    """The numbers that lead to notes, in the order of the text."""
    return re.findall(r'<sup><a href="#fn-[^>]*>(\d+)</a></sup>', html)


def notes(html: str) -> list[str]:
    """The words of each note, without the ways back."""
    items = re.findall(r'<li id="fn-.*?">(.*?)</li>', html, re.S)
    return [re.sub(r"<a.*?</a>|<.*?>|\s", "", item) for item in items]


def test_a_reference_leads_to_its_note_and_the_note_back() -> None:
    html = render("a[^x]\n\n[^x]: b")

    found = re.search(r'<a href="#(.*?)" id="(.*?)" role="doc-noteref">1</a>', html)
    assert found
    assert (
        f'<li id="{found[1]}"><p>b <a href="#{found[2]}" role="doc-backlink">' in html
    )


def test_a_link_to_a_note_stays_in_the_page() -> None:
    html = render("a[^x]\n\n[^x]: b")

    assert "target" not in html
    assert "rel=" not in html


def test_notes_stand_in_the_order_in_which_the_text_leads_to_them() -> None:
    html = render("a[^b] b[^a] c^[inline] d[^b]\n\n[^a]: second\n[^b]: first")

    assert references(html) == ["1", "2", "3", "1"]
    assert notes(html) == ["first", "second", "inline"]


def test_a_note_may_have_several_parts() -> None:
    html = render("a[^1]\n\n[^1]: One.\n\n    Two.\n\n    - three\n\nRest.")

    assert notes(html) == ["One.Two.three"] or "<p>Two.</p>" in html
    assert html.index("Rest.") < html.index('<ol class="notes">')


def test_a_note_leads_back_to_each_of_its_references_but_not_to_thousands() -> None:
    html = render("a[^1] " * 3 + "\n\n[^1]: b") + render("c[^1] " * 99 + "\n\n[^1]: d")

    assert html.count("doc-backlink") == 3 + WAYS_BACK


def test_a_note_may_lead_to_another() -> None:
    html = render("a[^1]\n\n[^1]: b[^2]\n[^2]: c[^1]")

    assert notes(html) == ["b1", "c2"] or len(notes(html)) == 2
    assert len(references(html)) == 3


@pytest.mark.parametrize(
    "text", ["[^1]: *a*", "[^1]: see [^1]", "[^1]: a [^2]\n\n[^2]: b [^1]", "a[^1]"]
)
def test_what_no_text_leads_to_stays_as_it_was_written(text: str) -> None:
    html = render(text)

    assert "<sup>" not in html
    assert "[^1]" in html


def test_of_two_notes_with_one_label_the_second_stays_as_it_was_written() -> None:
    html = render("a[^1]\n\n[^1]: b\n\n[^1]: c")

    assert notes(html) == ["b"]
    assert "<p>[^1]: c</p>" in html


@pytest.mark.parametrize("text", ["^[a-z]+$", "/^[0-9]/", "(^[^:]*)", "`a^[b]`"])
def test_a_regular_expression_is_no_note(text: str) -> None:
    assert "<sup>" not in render(text)


def test_notes_are_found_in_tables_quotes_and_headings() -> None:
    html = render("# a[^1]\n\n> b[^1]\n\n|c[^1]|\n|---|\n|d[^1]|\n\n[^1]: note")

    assert len(references(html)) == 4


def test_a_reference_in_a_link_is_no_link() -> None:
    html = render("[a^[b]](https://a.example)")

    assert "<sup>1</sup></a>" in html


def test_equal_texts_have_equal_ids_and_others_have_not() -> None:
    one, other = "a[^1]\n\n[^1]: b", "a[^1]\n\n[^1]: c"

    assert render(one) == render(one)
    assert not {*ids(render(one))} & {*ids(render(other))}


def ids(html: str) -> list[str]:
    return re.findall(r'id="(.*?)"', html)


def test_a_text_has_so_many_references_and_no_more() -> None:
    html = render("a[^1]" * (MOST + 5) + "\n\n[^1]: b")

    assert len(references(html)) == MOST
    assert html.count("a[^1]") == 5


def test_a_text_has_so_many_notes_and_no_more() -> None:
    html = render("".join(f"[^{n}]: b\n" for n in range(MOST + 5)), seconds=9)

    assert html.count("<p>[^") == MOST


@pytest.mark.parametrize(
    "text",
    [
        "a" + "^[" * 20_000 + "]" * 20_000,
        "[^1]: " * 10_000,
        "[^1]: a\n" * 10_000 + "[^1]",
        "[^1]: b\n\n" + "[^" * 40_000,
        "a[^1] " + "".join(f"[^{n}]: [^{n + 1}]\n" for n in range(10_000)),
    ],
)
def test_hostile_notes_come_to_an_end(text: str) -> None:
    assert render(text)


def test_a_reply_that_is_still_written_shows_its_notes_as_they_were_written() -> None:
    blocks, rest = split("Text[^1].\n\n[^1]: One.\n\n    Two.\n\nMore\n")

    html = "".join(render(block) for block in [*blocks, rest])

    assert html == ("<p>Text[^1].</p>\n<p>[^1]: One.</p>\n<p>Two.</p>\n<p>More</p>\n")
