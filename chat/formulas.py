"""Where formulas stand in Markdown: `$…$`, `$$…$$`, `\\(…\\)` and `\\[…\\]`."""

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from chat.blocks import MATH_CLOSER, MATH_REACH

DOLLAR = re.compile(r"\$(?=[^\s$])((?:[^\\$`]|\\[^`])++)(?<!\s)\$(?![0-9A-Za-z])", re.S)
"""As pandoc has it, so that prices stay prices."""

DOLLARS = re.compile(r"\$\$((?:[^\\$]|\\.)++)\$\$", re.S)
PARENTHESIS = re.compile(r"\\\(((?:[^\\]|\\[^)])++)\\\)", re.S)
BRACKET = re.compile(r"\\\[((?:[^\\]|\\[^\]])++)\\\]", re.S)


def find_formulas(md: MarkdownIt) -> None:
    """Teach a parser the tokens `math` and `math_block`."""
    md.inline.ruler.before("escape", "math", _inline)
    alt = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.before("fence", "math", _block, RuleOptionsType(alt=alt))


def _inline(state: StateInline, silent: bool) -> bool:
    found = _formula_at(state.src, state.pos)
    if not found or found.end() > state.posMax:
        return False
    if not silent:
        token = state.push("math", "math", 0)
        token.content = found[1]
        token.markup = state.src[found.start() : found.start(1)]
    state.pos = found.end()
    return True


def _formula_at(text: str, at: int) -> re.Match[str] | None:
    two = text[at : at + 2]
    if two == "$$":
        return DOLLARS.match(text, at, at + MATH_REACH)
    if two == "\\(":
        return PARENTHESIS.match(text, at, at + MATH_REACH)
    if two == "\\[":
        return BRACKET.match(text, at, at + MATH_REACH)
    before = text[max(at - 1, 0) : at]
    amid_word = before.isascii() and before.isalnum()
    return None if amid_word else DOLLAR.match(text, at, at + MATH_REACH)


def _block(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Display math that begins a line and whose closer ends one, as in `chat.blocks`."""
    start = state.bMarks[first] + state.tShift[first]
    closer = MATH_CLOSER.get(state.src[start : start + 2])
    if not closer or state.is_code_block(first):
        return False
    at = state.src.find(closer, start + 2, start + 4 + MATH_REACH)
    last = _line_closed_at(state, at, first, end)
    if last is None:
        return False
    if not silent:
        token = state.push("math_block", "math", 0)
        text = state.getLines(first, last + 1, state.blkIndent, keepLastLF=False)
        token.markup, token.content = text.strip()[:2], text.strip()[2:-2]
        state.line = last + 1
    return True


def _line_closed_at(state: StateBlock, at: int, line: int, end: int) -> int | None:
    """The line that ends with the closer at `at`; None if none of this container does."""
    if at < 0 or state.src[at + 2 :].partition("\n")[0].strip():
        return None
    # A line left of a list item may end the item; then it is not held to its indent.
    indent = state.blkIndent if state.sCount[line] >= state.blkIndent else 0
    while line < end and state.eMarks[line] < at:
        line += 1
        if line < end and state.sCount[line] < indent and not state.isEmpty(line):
            return None
    return line if line < end and state.bMarks[line] <= at else None
