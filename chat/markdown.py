"""Markdown from people and models as HTML that is safe to show."""

import re
import time
from collections.abc import Callable
from html import escape

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

from chat.blocks import MATH_CLOSER
from chat.emphasis import allow_emphasis_amid_cjk
from chat.highlight import CLASSES, highlighted
from chat.latex import MATHML, MATHML_VALUES, find_math, to_mathml
from chat.links import SCHEMES, find_links, may_lead_to

LONGEST = 200_000
"""Characters of one text; a longer one is shown as it was written."""

SECONDS = 0.3
"""Processor time for one text; what is left then is shown as it was written."""

CELLS = 10_000
"""Cells of one table: a single character can be a row of a thousand."""

UNPRINTABLE = re.compile("[\0-\b\v\f\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
LANGUAGE = re.compile(r"[0-9a-z_+#.-]{1,30}")
TASK = re.compile(r"\A\[([ xX])\] ")


def render(text: str, *, breaks: bool = False, seconds: float = SECONDS) -> SafeString:
    """The text as HTML; with `breaks` a line ends where its writer pressed Enter."""
    text = UNPRINTABLE.sub("\ufffd", text)
    env = {"breaks": breaks, "patience": Patience(seconds)}
    try:
        html = PARSER.render(text, env) if len(text) <= LONGEST else _unread(text)
    except OutOfPatience:
        html = _unread(text)
    return mark_safe(CLEANER.clean(html))  # noqa: S308


def _unread(text: str) -> str:
    return f'<pre class="unread" tabindex="0">{escape(text)}</pre>'


class OutOfPatience(Exception):
    """A text has had its share of the processor."""


class Patience:
    """How long one text may keep the processor."""

    def __init__(self, seconds: float) -> None:
        self._end = time.thread_time() + seconds

    def check(self) -> None:
        if time.thread_time() >= self._end:
            raise OutOfPatience


class Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802
        return may_lead_to(url)


def _parser() -> MarkdownIt:
    md = Parser("commonmark", {"maxNesting": 60})
    md.enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    md.block.ruler.at("table", _short_table, {"alt": ["paragraph", "reference"]})
    everywhere: RuleOptionsType = {
        "alt": ["paragraph", "reference", "blockquote", "list"]
    }
    md.block.ruler.before("table", "patience", _check_block, everywhere)
    md.inline.ruler.before("text", "patience", _check_inline)
    md.core.ruler.at("inline", _read_inline)
    md.use(find_math).use(allow_emphasis_amid_cjk)
    md.core.ruler.push("links", find_links)
    md.core.ruler.push("tasks", _tasks)
    md.core.ruler.push("dress", _dress)
    return md


def _check_block(state: StateBlock, first: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    state.env["patience"].check()
    return False


def _check_inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
    state.env["patience"].check()
    return False


def _short_table(state: StateBlock, first: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    columns = state.src.count("|", state.bMarks[first], state.eMarks[first]) + 1
    return table(state, first, min(end, first + 2 + CELLS // columns), silent)


def _read_inline(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            token.children = _children(token.content, state)


def _children(text: str, state: StateCore) -> list[Token]:
    """What stands in a text; only the text itself when there is no time to look."""
    children: list[Token] = []
    try:
        return state.md.inline.parse(text, state.md, state.env, children)
    except OutOfPatience:
        return [Token("text", "", 0, content=text)]


def _tasks(state: StateCore) -> None:
    """Show a box, ticked or not, before each task of a list."""
    for item, line in zip(state.tokens, state.tokens[2:], strict=False):
        if item.type == "list_item_open" and line.type == "inline" and line.children:
            text = line.children[0]
            text.content = TASK.sub(_box, text.content)


def _box(task: re.Match[str]) -> str:
    return "☐ " if task[1] == " " else "☑ "


def _dress(state: StateCore) -> None:
    """Give the parts of a message our own look, where CommonMark's is another."""
    for token in state.tokens:
        for part in (token, *(token.children or ())):
            if part.type in DRESSES:
                DRESSES[part.type](part, state.env)


def _heading(token: Token, env: EnvType) -> None:
    # The page has the one h1.
    token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"


def _cell(token: Token, env: EnvType) -> None:
    # Our Content-Security-Policy forbids the style attribute.
    if style := str(token.attrs.pop("style", "")):
        token.attrs["class"] = style.removeprefix("text-align:")


def _line_break(token: Token, env: EnvType) -> None:
    if env["breaks"]:
        token.type = "hardbreak"


def _table_open(token: Token, env: EnvType) -> None:
    _become(token, '<div class="table" tabindex="0"><table>\n')


def _table_close(token: Token, env: EnvType) -> None:
    _become(token, "</table></div>\n")


def _code(token: Token, env: EnvType) -> None:
    language = LANGUAGE.match(unescapeAll(token.info).strip().lower())
    name = language[0] if language else ""
    try:
        code = highlighted(token.content, name, check=env["patience"].check)
    except OutOfPatience:
        code = escape(token.content)
    figure = f'<figure class="code" data-lang="{name}"><figcaption>{name}</figcaption>'
    _become(token, f'{figure}<pre tabindex="0"><code>{code}</code></pre></figure>')


def _formula(token: Token, env: EnvType) -> None:
    try:
        env["patience"].check()
        _become(token, to_mathml(token.content, display=token.markup in MATH_CLOSER))
    except OutOfPatience:
        _become(token, f"<code>{escape(token.content)}</code>")


def _formula_block(token: Token, env: EnvType) -> None:
    _formula(token, env)
    _become(token, f'<div class="math" tabindex="0">{token.content}</div>\n')


def _become(token: Token, html: str) -> None:
    token.type, token.content = "html_block", f"{html}"


DRESSES: dict[str, Callable[[Token, EnvType], None]] = {
    "code_block": _code,
    "fence": _code,
    "heading_close": _heading,
    "heading_open": _heading,
    "math": _formula,
    "math_block": _formula_block,
    "softbreak": _line_break,
    "table_close": _table_close,
    "table_open": _table_open,
    "td_open": _cell,
    "th_open": _cell,
}
PARSER = _parser()
TEXT = "blockquote br code del em figcaption h2 h3 h4 h5 h6 hr li p s strong tbody thead tr"
CLEANER = nh3.Cleaner(
    tags={
        *TEXT.split(),
        "a",
        "div",
        "figure",
        "ol",
        "pre",
        "span",
        "table",
        "td",
        "th",
        "ul",
        *MATHML,
    },
    attributes={"a": {"href"}, "figure": {"data-lang"}, "ol": {"start"}, **MATHML},
    tag_attribute_values={
        "div": {"tabindex": {"0"}},
        "pre": {"tabindex": {"0"}},
        **MATHML_VALUES,
    },
    allowed_classes={
        "code": {"latex"},
        "div": {"math", "table"},
        "figure": {"code"},
        "mtd": {"left", "right"},
        "pre": {"unread"},
        "span": set(CLASSES.values()),
        "td": {"left", "center", "right"},
        "th": {"left", "center", "right"},
    },
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="noopener noreferrer nofollow",
    url_schemes=SCHEMES,
    url_relative="deny",
    clean_content_tags={"script", "style"},
)
