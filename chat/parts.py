"""How the parts of a message look, where that is not as CommonMark has it."""

import re
from collections.abc import Callable
from html import escape

from markdown_it.common.utils import unescapeAll
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType

from chat.blocks import MATH_CLOSER
from chat.latex import to_mathml
from chat.patience import OutOfPatience
from dashboard.highlight import highlighted

WIDE = 30
"""Characters of a formula from which on it may be too wide for a phone, and scrolls."""

LANGUAGE = re.compile(r"[0-9a-z_+#.-]{1,30}")
TASK = re.compile(r"\A\[([ xX])\] ")


def dress_parts(state: StateCore) -> None:
    """Give each part of a parsed message its look of ours."""
    _tick_tasks(state.tokens)
    for token in state.tokens:
        for part in (token, *(token.children or ())):
            if part.type in DRESSES:
                DRESSES[part.type](part, state.env)


def _tick_tasks(tokens: list[Token]) -> None:
    for item, line in zip(tokens, tokens[2:], strict=False):
        first = line.children[0] if line.type == "inline" and line.children else None
        if first and item.type == "list_item_open" and TASK.match(first.content):
            first.content = TASK.sub(_box, first.content)
            item.attrs["class"] = "task"


def _box(task: re.Match[str]) -> str:
    return "☐ " if task[1] == " " else "☑ "


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
    _become(token, f'{figure}<pre tabindex="0"><code>{code}</code></pre></figure>\n')


def _formula(token: Token, env: EnvType) -> None:
    display = token.markup in MATH_CLOSER
    try:
        env["patience"].check()
        math = to_mathml(token.content, display=display)
    except OutOfPatience:
        math = f"<code>{escape(token.content)}</code>"
    if display or len(token.content) > WIDE:
        math = f'<span class="math" tabindex="0">{math}</span>'
    _become(token, math)


def _formula_block(token: Token, env: EnvType) -> None:
    _formula(token, env)
    _become(token, f"<p>{token.content}</p>\n")


def _become(token: Token, html: str) -> None:
    token.type, token.content = "html_block", html


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
