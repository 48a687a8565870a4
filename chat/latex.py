"""LaTeX in Markdown: where it stands, and how it looks as MathML."""

import html
import logging
import re
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter
from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from chat.blocks import MATH_CLOSER, MATH_REACH

log = logging.getLogger(__name__)

MATHML: dict[str, set[str]] = {
    "menclose": {"notation"},
    "mi": {"mathvariant"},
    "mo": {"fence", "form", "largeop", "movablelimits", "separator", "stretchy"}
    | {"maxsize", "minsize"},
    "mover": {"accent"},
    "mspace": {"width"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtable": {"displaystyle"},
    "mtext": {"mathvariant"},
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
}
MATHML |= {name: set() for name in ("math", "mfrac", "mn", "mpadded", "mphantom")}
MATHML |= {name: set() for name in ("mroot", "mrow", "msqrt", "msub", "msubsup")}
MATHML |= {name: set() for name in ("msup", "mtd", "mtr")}
"""The elements that formulas are made of, with the attributes that each may have."""

NOTHING = {"0", "0px"}
MATHML_VALUES = {
    "math": {"display": {"block", "inline"}},
    "mfrac": {"linethickness": NOTHING},
    "mpadded": {"depth": NOTHING, "height": NOTHING, "width": NOTHING},
}
"""Attributes that could push a formula over what is not its own, and harmless values."""

UNSAFE = re.compile(
    r"\\(?:(?:re)?newcommand|newenvironment|def|DeclareMathOperator|sideset)(?![A-Za-z])"
)
"""Commands by which a short source grows without bound."""

UNHEARD = re.compile(r"\\(?:nonumber|notag|label\s*\{[^{}]*\})")
"""Commands that say nothing on a page and that latex2mathml would print."""

ALIGNED = re.compile(
    r"\\(begin|end)\s*\{(?:align|aligned|alignat\*?|alignedat|eqnarray\*?)\}(?:\{\d\})?"
)
CENTRED = re.compile(r"\\(begin|end)\s*\{(?:gather\*?|gathered|multline\*?)\}")
PLAIN = re.compile(r"\\(?:begin|end)\s*\{equation\*?\}")

DOLLAR = re.compile(r"\$(?=[^\s$])((?:[^\\$`]|\\[^`])++)(?<!\s)\$(?![0-9A-Za-z])", re.S)
DOLLARS = re.compile(r"\$\$((?:[^\\$]|\\.)++)\$\$", re.S)
PARENTHESIS = re.compile(r"\\\(((?:[^\\]|\\[^)])++)\\\)", re.S)
BRACKET = re.compile(r"\\\[((?:[^\\]|\\[^\]])++)\\\]", re.S)


def find_math(md: MarkdownIt) -> None:
    """Teach a parser `$…$`, `$$…$$`, `\\(…\\)` and `\\[…\\]`."""
    md.inline.ruler.before("escape", "math", _inline)
    interrupts: RuleOptionsType = {
        "alt": ["paragraph", "reference", "blockquote", "list"]
    }
    md.block.ruler.before("fence", "math", _block, interrupts)


def to_mathml(source: str, *, display: bool) -> str:
    """A formula as MathML; its source as code if it is unknown, wrong or huge."""
    try:
        return _mathml(source, display="block" if display else "inline")
    except Exception as error:  # latex2mathml raises whatever its parser stumbles over
        log.debug("A formula is shown as its source: %s", type(error).__name__)
        return f'<code class="latex">{html.escape(source)}</code>'


def _mathml(source: str, *, display: str) -> str:
    if len(source) > MATH_REACH or UNSAFE.search(source):
        raise ValueError
    math = Converter(display=display).convert_to_element(_simplified(source))
    for element in math.iter():
        _settle(element)
    return tostring(math, encoding="unicode")


def _simplified(source: str) -> str:
    """The same formula in the words that latex2mathml knows."""
    source = UNHEARD.sub("", source)
    source = ALIGNED.sub(r"\\\1{align*}", source)
    source = CENTRED.sub(r"\\\1{matrix}", source)
    return PLAIN.sub("", source).replace("{dcases}", "{cases}")


def _settle(element: Element) -> None:
    # latex2mathml writes character references as text, to be unescaped after all
    # markup is: text such as "<img>" would come to life.
    element.text = html.unescape(element.text or "")
    if element.tag == "mi" and re.match(r"\\[A-Za-z]", element.text):
        raise ValueError
    if alignment := element.attrib.get("columnalign"):
        element.set("class", alignment)


def _inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
    found = _inline_match(state.src, state.pos)
    if not found or found.end() > state.posMax:
        return False
    if not silent:
        token = state.push("math", "math", 0)
        token.content = found[1]
        token.markup = found[0][: found.start(1) - found.start()]
    state.pos = found.end()
    return True


def _inline_match(text: str, at: int) -> re.Match[str] | None:
    if text.startswith("$$", at):
        return DOLLARS.match(text, at)
    if text.startswith("$", at):
        glued = at > 0 and text[at - 1].isascii() and text[at - 1].isalnum()
        return None if glued else DOLLAR.match(text, at)
    if text.startswith("\\(", at):
        return PARENTHESIS.match(text, at, at + MATH_REACH)
    if text.startswith("\\[", at):
        return BRACKET.match(text, at, at + MATH_REACH)
    return None


def _block(state: StateBlock, first: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Display math that begins a line and whose closer ends one, as in `chat.blocks`."""
    start = state.bMarks[first] + state.tShift[first]
    closer = MATH_CLOSER.get(state.src[start : start + 2])
    if not closer or state.is_code_block(first):
        return False
    at = state.src.find(closer, start + 2, start + 4 + MATH_REACH)
    last = _closing_line(state, at, first, end)
    if last is None:
        return False
    if not silent:
        token = state.push("math_block", "math", 0)
        text = state.getLines(
            first, last + 1, state.blkIndent, keepLastLF=False
        ).strip()
        token.markup, token.content = text[:2], text[2:-2]
        state.line = last + 1
    return True


def _closing_line(state: StateBlock, at: int, line: int, end: int) -> int | None:
    """The line that the closer at `at` ends; None if it ends none of this container."""
    if at < 0 or state.src[at + 2 : _line_end(state.src, at)].strip():
        return None
    # A line left of a list item may end the item; then it is not held to its indent.
    indent = state.blkIndent if state.sCount[line] >= state.blkIndent else 0
    while line < end and state.eMarks[line] < at:
        line += 1
        if line < end and state.sCount[line] < indent and not state.isEmpty(line):
            return None
    return line if line < end and state.bMarks[line] <= at else None


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
