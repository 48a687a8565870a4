"""Code with its syntax marked by classes, which `markdown.css` colours."""

import functools
import html
import itertools
from collections.abc import Callable, Iterable, Iterator

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType

Word = tuple[_TokenType, str]

LONGEST = 20_000
"""Characters of one piece of code; more is shown in one colour."""

NAMES = """
    asm awk bash bat c c# c++ clojure cmake cpp cs csharp css dart diff docker dockerfile
    elixir erlang f# fish fortran fsharp go golang graphql groovy haskell hcl hs html http
    java javascript jinja jl js json json5 jsx julia kotlin latex less lisp lua make
    makefile markdown md mysql nasm nginx nim objc objective-c perl php pl postgres
    postgresql powershell proto protobuf ps1 pwsh py python python3 r rb rs ruby rust
    sass scala scheme scss sh shell solidity sql swift systemverilog terraform tex tf toml
    ts tsx typescript verilog vhdl vim xml yaml yml zig zsh
"""
ALIASES = {
    "cc": "cpp",
    "h": "c",
    "hpp": "cpp",
    "ini": "toml",
    "jsonc": "json",
    "kt": "kotlin",
    "patch": "diff",
    "sqlite": "sql",
    "svg": "xml",
    "vue": "html",
}
LANGUAGES = frozenset(NAMES.split()) | ALIASES.keys()
"""Those whose lexers go word by word and so can be stopped: `ini` and others cannot."""

CLASSES = {
    Token.Comment: "c",
    Token.Comment.Preproc: "cp",
    Token.Generic.Deleted: "gd",
    Token.Generic.Heading: "gh",
    Token.Generic.Inserted: "gi",
    Token.Generic.Prompt: "gp",
    Token.Generic.Subheading: "gh",
    Token.Keyword: "k",
    Token.Keyword.Constant: "m",
    Token.Keyword.Type: "kt",
    Token.Literal.Date: "m",
    Token.Name.Attribute: "na",
    Token.Name.Builtin: "nb",
    Token.Name.Class: "nc",
    Token.Name.Constant: "m",
    Token.Name.Decorator: "nd",
    Token.Name.Entity: "se",
    Token.Name.Exception: "nc",
    Token.Name.Function: "nf",
    Token.Name.Namespace: "nc",
    Token.Name.Tag: "nt",
    Token.Name.Variable: "nv",
    Token.Number: "m",
    Token.Operator.Word: "k",
    Token.String: "s",
    Token.String.Escape: "se",
    Token.String.Interpol: "se",
    Token.String.Regex: "sr",
    Token.String.Symbol: "m",
}


def highlighted(code: str, language: str, *, check: Callable[[], None]) -> str:
    """The code as HTML, in one colour when nothing is known of its language.

    `check` is called between any two words, and may raise to make an end.
    """
    if language not in LANGUAGES or len(code) > LONGEST:
        return html.escape(code)
    check()
    return "".join(_spans(code, _lexer(language), check))


def _spans(code: str, lexer: Lexer, check: Callable[[], None]) -> Iterator[str]:
    words = _checked(lexer.get_tokens(code), check)
    for name, run in itertools.groupby(words, key=_class):
        text = html.escape("".join(word for _, word in run))
        yield f'<span class="{name}">{text}</span>' if name else text


def _checked(words: Iterable[Word], check: Callable[[], None]) -> Iterator[Word]:
    for word in words:
        check()
        yield word


@functools.cache
def _lexer(language: str) -> Lexer:
    name = ALIASES.get(language, language)
    return get_lexer_by_name(name, stripnl=False, ensurenl=False)


def _class(word: Word) -> str:
    return _class_of(word[0])


@functools.cache
def _class_of(kind: _TokenType) -> str:
    """The class of a kind of word, or of the nearest kind that it is a kind of."""
    return next((CLASSES[one] for one in reversed(kind.split()) if one in CLASSES), "")
