import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chat.markdown import CELLS, LONGEST, render
from chat.sanitise import sanitised
from dashboard.highlight import CLASSES

HOSTILE = json.loads(Path(__file__).with_name("hostile_markdown.json").read_text())

PLAIN = """
    blockquote br em figcaption h2 h3 h4 h5 h6 hr p s strong sup tbody thead tr ul
    mfrac mn mphantom mroot mrow msqrt msub msubsup msup mtr
"""
ALLOWED = {tag: set[str]() for tag in PLAIN.split()} | {
    "a": {"href", "id", "rel", "role", "target"},
    "code": {"class"},
    "div": {"class", "tabindex"},
    "li": {"class", "id"},
    "figure": {"class", "data-lang"},
    "math": {"display"},
    "menclose": {"notation"},
    "mi": {"mathvariant"},
    "mo": {"accent", "fence", "form", "largeop", "maxsize", "minsize", "movablelimits"}
    | {"separator", "stretchy"},
    "mover": {"accent"},
    "mpadded": {"depth", "height", "width"},
    "mspace": {"width"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtable": {"displaystyle"},
    "mtd": {"class"},
    "mtext": {"mathvariant"},
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
    "ol": {"class", "start"},
    "pre": {"class", "tabindex"},
    "span": {"class", "tabindex"},
    "table": set(),
    "td": {"class"},
    "th": {"class"},
}
CLASSES_OF_OURS = {
    "code",
    "latex",
    "math",
    "notes",
    "table",
    "unread",
    "left",
    "center",
    "right",
}
CLASSES_OF_OURS |= {"task"} | set(CLASSES.values())


NOTE = r"fn-[0-9a-f]{12}-\d+"
REFERENCE = r"fnref-[0-9a-f]{12}-\d+-\d+"
SHAPES = {
    "id": f"{NOTE}|{REFERENCE}",
    "role": "doc-noteref|doc-backlink",
    "target": "_blank",
    "rel": "noopener noreferrer nofollow",
}
AWAY = {"href", "target", "rel"}
TO_A_NOTE = {"href", "id", "role"}


class Inspector(HTMLParser):
    """Notes everything in a page that could do more than be read."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.inner: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.wrong.append(f"<{tag}>")
        self.wrong += [f"{tag} {attr}" for attr in attrs if not _is_inert(tag, *attr)]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        href = dict(attrs).get("href") or ""
        if href.startswith("#"):
            self.inner.add(href[1:])
            self.wrong += [f"note {name}" for name, _ in attrs if name not in TO_A_NOTE]
        elif href and {name for name, _ in attrs} != AWAY:
            self.wrong.append(f"link {attrs}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(data)

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(decl)

    def handle_pi(self, data: str) -> None:
        self.wrong.append(data)


def _is_inert(tag: str, name: str, value: str | None) -> bool:
    if name not in ALLOWED.get(tag, ()) or value is None:
        return False
    if name == "href":
        inner = re.fullmatch(f"#(?:{NOTE}|{REFERENCE})", value)
        return bool(inner or re.match(r"https?://[^/]|mailto:.", value, re.IGNORECASE))
    if name in SHAPES:
        return re.fullmatch(SHAPES[name], value) is not None
    if name == "class":
        return set(value.split()) <= CLASSES_OF_OURS
    return name == "data-lang" or re.fullmatch(r"[\w.+ -]*", value) is not None


def _inspected(html: str) -> Inspector:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector


def _wrong_in(html: str) -> list[str]:
    return _inspected(html).wrong


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_inert(text: str) -> None:
    page = _inspected(render(text))

    assert page.wrong == []
    assert page.inner <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_that_costs_too_much_is_inert(text: str) -> None:
    assert _wrong_in(render(text, seconds=0)) == []


def test_all_hostile_texts_together_are_inert() -> None:
    assert _wrong_in(render("\n\n".join(HOSTILE))) == []


def test_the_corpus_of_hostile_texts_is_large() -> None:
    assert len(set(HOSTILE)) >= 200


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_html_does_not_pass_the_sanitiser(text: str) -> None:
    html = text.encode(errors="replace").decode()

    assert _wrong_in(sanitised(html)) == []


def test_emphasis_stands_where_chinese_has_no_spaces() -> None:
    assert "<strong>注意：</strong>先备份" in render("**注意：**先备份")


def test_models_wrap_lines_softly() -> None:
    assert "<br>" not in render("a\nb")


def test_people_press_enter_for_a_new_line() -> None:
    assert "a<br>" in render("a\nb", breaks=True)


def test_the_one_h1_is_left_to_the_page() -> None:
    html = render("# a\n\n###### b")

    assert html == "<h2>a</h2>\n<h6>b</h6>\n"


def test_html_is_shown_as_it_was_written() -> None:
    assert render("<b>a</b>") == "<p>&lt;b&gt;a&lt;/b&gt;</p>\n"


@pytest.mark.parametrize("url", ["https://a.example/x", "mailto:a@b.example"])
def test_a_link_opens_beside_the_chat_and_tells_nothing(url: str) -> None:
    html = render(f"[a]({url})")

    rel = "noopener noreferrer nofollow"
    assert f'<a href="{url}" target="_blank" rel="{rel}">a</a>' in html


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.example/b_c.", "https://a.example/b_c"),
        ("(https://a.example/b)", "https://a.example/b"),
        ("https://a.example/b_(c)", "https://a.example/b_(c)"),
        ("**https://a.example**", "https://a.example"),
        ("访问https://a.example查看", "https://a.example"),
    ],
)
def test_a_bare_address_becomes_a_link(text: str, address: str) -> None:
    assert f'<a href="{address}"' in render(text)


@pytest.mark.parametrize("text", ["README.md", "main.py", "a.example", "git@a.example"])
def test_a_file_name_does_not_become_a_link(text: str) -> None:
    assert render(text) == f"<p>{text}</p>\n"


def test_a_picture_is_a_link_that_loads_nothing() -> None:
    html = render("![a **cat**](https://a.example/cat.png)")

    assert "<img" not in html
    assert ">a cat</a>" in html


def test_a_picture_without_words_is_named_by_its_address() -> None:
    assert ">https://a.example/1.png</a>" in render("![](https://a.example/1.png)")


def test_a_picture_in_a_link_is_its_words() -> None:
    html = render("[![a](https://a.example/1.png)](https://b.example)")

    assert html.count("<a ") == 1
    assert ">a</a>" in html


def test_code_stands_in_a_figure_with_its_language() -> None:
    html = render("```Python title=x\nx = 1\n```")

    assert '<figure class="code" data-lang="python">' in html
    assert "<figcaption>python</figcaption>" in html
    assert '<span class="m">1</span>' in html


def test_code_without_a_language_has_an_empty_caption() -> None:
    html = render("```\na < b\n```")

    assert '<figure class="code" data-lang=""><figcaption></figcaption>' in html
    assert "a &lt; b" in html


def test_a_table_scrolls_in_a_box_that_takes_the_focus() -> None:
    html = render("| a | b |\n|:-:|--:|\n| 1 | 2 |")

    assert '<div class="table" tabindex="0"><table>' in html
    assert '<td class="center">1</td>' in html
    assert '<td class="right">2</td>' in html


def test_a_task_shows_whether_it_is_done() -> None:
    html = render("- [ ] a\n- [x] b")

    assert '<li class="task">☐ a</li>' in html
    assert '<li class="task">☑ b</li>' in html


@pytest.mark.parametrize("text", ["$x^2$", r"\(x^2\)", "令$x^2$为", r"- \(x^2\)"])
def test_a_formula_stands_in_the_line(text: str) -> None:
    assert '<math display="inline">' in render(text)


@pytest.mark.parametrize(
    "text",
    [
        "$$x^2$$",
        "$$\nx^2\n\n$$",
        "so $$x^2$$ is",
        "\\[\nx^2\n\\]",
        "so\n\\[ x^2 \\]\nis",
        "- a\n  \\[\n  x^2\n  \\]",
        "> $$\n> x^2\n> $$",
    ],
)
def test_a_formula_stands_by_itself(text: str) -> None:
    assert '<math display="block">' in render(text)


@pytest.mark.parametrize(
    "text",
    [
        "from $5 to $10",
        "$5/$10",
        "$HOME/$PATH",
        "US$5 and A$6",
        "`$a$`",
        r"\$a$",
        "$ a $",
        "$$",
        r"\(a",
        "```\n$a$\n```",
    ],
)
def test_a_dollar_or_a_bracket_need_not_be_a_formula(text: str) -> None:
    assert "<math" not in render(text)


def test_a_text_that_takes_too_long_is_shown_as_it_was_written() -> None:
    html = render("**a** <b>", seconds=0)

    assert html == '<pre class="unread" tabindex="0">**a** &lt;b&gt;</pre>'


def test_a_huge_text_is_shown_as_it_was_written() -> None:
    assert render("*a* " * LONGEST).startswith('<pre class="unread"')


def test_a_table_grows_no_further_than_its_bound() -> None:
    head = "|a" * 100 + "|\n" + "|-" * 100 + "|\n"

    assert render(head + "b\n" * 1_000).count("<td>") < 2 * CELLS


def test_broken_unicode_is_replaced() -> None:
    assert render("a\ud800b\0c") == "<p>a\ufffdb\ufffdc</p>\n"


@pytest.mark.parametrize(
    "url", ["data:image/png;base64,AAAA", "/media/x.png", "//a.example/x", "x.png"]
)
def test_a_picture_from_elsewhere_than_the_web_stays_as_it_was_written(
    url: str,
) -> None:
    assert render(f"![a]({url})") == f"<p>![a]({url})</p>\n"
