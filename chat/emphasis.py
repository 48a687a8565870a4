"""Emphasis where words have no spaces between them: `**注意：**先备份`."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.emphasis import tokenize

CJK = re.compile(
    "[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
    "\U00020000-\U0003ffff]"
)


def allow_emphasis_amid_cjk(md: MarkdownIt) -> None:
    """Let `*` open and close beside CJK, where CommonMark asks for a space.

    https://github.com/commonmark/commonmark-spec/issues/650
    """
    md.inline.ruler.at("emphasis", _emphasis)


def _emphasis(state: StateInline, silent: bool) -> bool:
    start, known = state.pos, len(state.delimiters)
    if not tokenize(state, silent):
        return False
    before, after = (
        state.src[max(start - 1, 0) : start],
        state.src[state.pos : state.pos + 1],
    )
    if state.src[start] == "*" and (CJK.match(before) or CJK.match(after)):
        for delimiter in state.delimiters[known:]:
            delimiter.open = bool(after.strip())
            delimiter.close = bool(before.strip())
    return True
