"""Markdown from people and models as HTML that is safe to show."""

import re
from html import escape

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from chat.emphasis import allow_emphasis_amid_cjk
from chat.footnotes import find_footnotes
from chat.formulas import find_formulas
from chat.links import find_links, may_lead_to
from chat.parts import dress_parts
from chat.patience import OutOfPatience, Patience
from chat.sanitise import sanitised

LONGEST = 200_000
"""Characters of one text; a longer one is shown as it was written."""

SECONDS = 0.4
"""Processor time for one text; what is left then is shown as it was written."""

CELLS = 10_000
"""Cells of one table: a single character can be a row of a thousand."""

UNPRINTABLE = re.compile("[\0-\b\v\f\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def render(text: str, *, breaks: bool = False, seconds: float = SECONDS) -> SafeString:
    """The text as HTML; with `breaks` a line ends where its writer pressed Enter."""
    text = UNPRINTABLE.sub("\ufffd", text)
    env = {"breaks": breaks, "patience": Patience(seconds)}
    try:
        html = PARSER.render(text, env) if len(text) <= LONGEST else _unread(text)
    except OutOfPatience:
        html = _unread(text)
    return sanitised(html)


def _unread(text: str) -> str:
    return f'<pre class="unread" tabindex="0">{escape(text)}</pre>'


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
    md.use(find_formulas).use(allow_emphasis_amid_cjk).use(find_footnotes)
    md.core.ruler.push("links", find_links)
    md.core.ruler.push("parts", dress_parts)
    return md


def _check_block(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    state.env["patience"].check()
    return False


def _check_inline(state: StateInline, silent: bool) -> bool:
    state.env["patience"].check()
    return False


def _short_table(state: StateBlock, first: int, end: int, silent: bool) -> bool:
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


PARSER = _parser()
