"""LaTeX as MathML, which browsers show without a script."""

import html
import logging
import re
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter

log = logging.getLogger(__name__)

LONGEST = 4_000
"""Characters of one formula; a longer one is shown as its source."""

MATHML: dict[str, set[str]] = {
    "menclose": {"notation"},
    "mi": {"mathvariant"},
    "mo": {"fence", "form", "largeop", "movablelimits", "separator", "stretchy"}
    | {"accent", "maxsize", "minsize"},
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

PARTS = dict.fromkeys(("mfrac", "mover", "mroot", "msub", "msup", "munder"), 2)
PARTS |= {"msubsup": 3, "munderover": 3}
"""How many parts an element has; latex2mathml leaves out those that are missing."""

GROWING = re.compile(
    r"\\(?:(?:re)?newcommand|newenvironment|def|DeclareMathOperator|sideset)(?![A-Za-z])"
)
"""Commands by which a short source grows without bound."""

UNKNOWN = re.compile(r"\\[A-Za-z]")

REWRITES = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\\(?:nonumber|notag|label\s*\{[^{}]*\})", ""),
        (r"\\(?:begin|end)\s*\{equation\*?\}", ""),
        (r"\\(begin|end)\s*\{(?:gather\*?|gathered|multline\*?)\}", r"\\\1{matrix}"),
        (r"\\(begin|end)\s*\{(?:align|aligned|eqnarray\*?)\}", r"\\\1{align*}"),
        (r"\\(begin|end)\s*\{align(?:at\*?|edat)\}(?:\{\d\})?", r"\\\1{align*}"),
        (r"\\(begin|end)\s*\{dcases\}", r"\\\1{cases}"),
        (r"\\arg(?![A-Za-z])", r"\\operatorname{arg}"),
    )
)
"""What models write and latex2mathml does not know, in words that it knows."""


def to_mathml(source: str, *, display: bool) -> str:
    """A formula as MathML; its source as code if it is unknown, wrong or huge."""
    try:
        return _mathml(source, display="block" if display else "inline")
    except Exception as error:  # latex2mathml raises whatever its parser stumbles over
        log.debug("A formula is shown as its source: %s", type(error).__name__)
        return f'<code class="latex">{html.escape(source.strip())}</code>'


def _mathml(source: str, *, display: str) -> str:
    if len(source) > LONGEST or GROWING.search(source):
        raise ValueError
    for pattern, words in REWRITES:
        source = pattern.sub(words, source)
    math = Converter(display=display).convert_to_element(source)
    for element in math.iter():
        _settle(element)
    return tostring(math, encoding="unicode")


def _settle(element: Element) -> None:
    # latex2mathml writes character references as text, and unescapes the whole
    # afterwards: text such as "<img>" would come to life.
    element.text = html.unescape(element.text or "")
    wrong = len(element) != PARTS.get(element.tag, len(element))
    if wrong or (element.tag == "mi" and UNKNOWN.match(element.text)):
        raise ValueError
    if side := element.attrib.get("columnalign"):
        element.set("class", side)
