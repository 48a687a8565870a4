"""Footnotes: `[^1]` with `[^1]: …`, and `word^[…]`; they stand at a message's end.

A definition to which no text leads stays where it was written, as it was written.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2s
from html import escape

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote.index import footnote_def, footnote_inline, footnote_ref

from chat.block_kinds import NOTE

MOST = 1_000
"""References in one text, and definitions; further ones are shown as they were written."""

WAYS_BACK = 10
"""References to which one note leads back."""

REFERENCE = re.compile(r"\[\^[^\s\[\]]+\]")

BEFORE_INLINE = re.compile(r"[\w.,;:!?)*~%…。，！？；：、）》」”’]")
"""What `^[` follows in a note: elsewhere it is the beginning of a regular expression."""

ANCHOR = re.compile(r"fn(?:ref)?-[0-9a-f]{12}-\d{1,4}(?:-\d{1,4})?")
"""The ids that notes and references have: equal texts have equal ids, others do not."""


def find_footnotes(md: MarkdownIt) -> None:
    """Teach a parser notes; they are placed before anything else is done to a text."""
    alt = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.before("reference", "note", _definition, RuleOptionsType(alt=alt))
    md.inline.ruler.after("image", "inline_note", _inline_note)
    md.inline.ruler.after("inline_note", "reference_to_note", _reference)
    md.core.ruler.after("inline", "notes", _place_notes)


def _definition(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    start = state.bMarks[first] + state.tShift[first]
    nested = state.env.get("in_note") and state.sCount[first] >= state.blkIndent
    if nested or not NOTE.match(state.src, start, state.eMarks[first]):
        return False
    if state.is_code_block(first) or state.env.get("definitions", 0) >= MOST:
        return False
    if silent:
        return True
    state.env["definitions"] = state.env.get("definitions", 0) + 1
    state.env["in_note"] = True
    try:
        return footnote_def(state, first, end, silent=False)
    finally:
        state.env["in_note"] = False


def _inline_note(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("^[", state.pos) or state.env.get("in_inline_note"):
        return False
    if not BEFORE_INLINE.match(state.src[max(state.pos - 1, 0)]) or _has_enough(state):
        return False
    state.env["in_inline_note"] = not silent
    try:
        return _counted(state, found=footnote_inline(state, silent), silent=silent)
    finally:
        state.env["in_inline_note"] = False


def _reference(state: StateInline, silent: bool) -> bool:
    if not REFERENCE.match(state.src, state.pos) or _has_enough(state):
        return False
    return _counted(state, found=footnote_ref(state, silent), silent=silent)


def _has_enough(state: StateInline) -> bool:
    return int(state.env.get("note_references", 0)) >= MOST


def _counted(state: StateInline, *, found: bool, silent: bool) -> bool:
    if found and not silent:
        state.env["note_references"] = state.env.get("note_references", 0) + 1
    return found


@dataclass(slots=True)
class Note:
    """A note and what it holds; its number is known once some text leads to it."""

    tokens: list[Token]
    label: str = ""
    number: int = 0
    references: int = 0
    linked: list[int] = field(default_factory=list)


def _place_notes(state: StateCore) -> None:
    if "footnotes" in state.env:
        state.tokens = Placing(state).tokens()


class Placing:
    """Gives the notes of one text their numbers and their place."""

    def __init__(self, state: StateCore) -> None:
        self._key = blake2s(state.src.encode(), digest_size=6).hexdigest()
        self._inline = state.env["footnotes"]["list"]
        self._body: list[Token | Note] = []
        self._defined: dict[str, Note] = {}
        self._placed: deque[Note] = deque()
        self._notes: list[Note] = []
        self._settled = False
        self._take_apart(state.tokens)

    def tokens(self) -> list[Token]:
        """The text, then its notes in the order in which it leads to them."""
        for part in self._body:
            if isinstance(part, Token):
                self._read(part)
        self._read_notes()
        self._settled = True
        body = [token for part in self._body for token in self._as_text(part)]
        self._read_notes()
        return [*body, *self._ending()]

    def _take_apart(self, tokens: list[Token]) -> None:
        note: Note | None = None
        for token in tokens:
            if token.type == "footnote_reference_open":
                note = Note([], label=token.meta["label"])
                self._body.append(note)
                self._defined.setdefault(note.label, note)
            elif token.type == "footnote_reference_close":
                note = None
            elif note:
                note.tokens.append(token)
            else:
                self._body.append(token)

    def _read_notes(self) -> None:
        while self._placed:
            for token in self._placed.popleft().tokens:
                self._read(token)

    def _as_text(self, part: Token | Note) -> Iterator[Token]:
        """What stands in the body: nothing of a note that has its place at the end."""
        if isinstance(part, Token):
            yield part
        elif not part.number:
            for token in part.tokens:
                self._read(token)
            yield from _labelled(part)

    def _read(self, token: Token) -> None:
        """Make the references in a token lead to their notes."""
        depth = 0
        for child in token.children or ():
            depth += child.nesting if child.tag == "a" else 0
            if child.type == "footnote_ref":
                self._refer(child, in_link=depth > 0)

    def _refer(self, reference: Token, *, in_link: bool) -> None:
        note = self._note_of(reference)
        if note is None:
            reference.type, reference.content = "text", f"[^{reference.meta['label']}]"
            return
        if not note.number:
            self._notes.append(note)
            self._placed.append(note)
            note.number = len(self._notes)
        note.references += 1
        mark = str(note.number)
        if not in_link:
            note.linked.append(note.references)
            mark = (
                f'<a href="#{self._id(note)}" id="{self._id(note, note.references)}" '
                f'role="doc-noteref">{mark}</a>'
            )
        reference.type, reference.content = "html_inline", f"<sup>{mark}</sup>"

    def _note_of(self, reference: Token) -> Note | None:
        """The note referred to; None if it has stayed in the body."""
        if label := reference.meta.get("label"):
            note = self._defined[label]
            return None if self._settled and not note.number else note
        held = self._inline[reference.meta["id"]]
        line = Token("inline", "", 0, content=held["content"], children=held["tokens"])
        return Note([Token("paragraph_open", "p", 1), line, _end_of_paragraph()])

    def _id(self, note: Note, reference: int = 0) -> str:
        if reference:
            return f"fnref-{self._key}-{note.number}-{reference}"
        return f"fn-{self._key}-{note.number}"

    def _ending(self) -> Iterator[Token]:
        if self._notes:
            yield _html('<ol class="notes">\n')
            for note in self._notes:
                yield _html(f'<li id="{self._id(note)}">')
                yield from self._with_ways_back(note)
                yield _html("</li>\n")
            yield _html("</ol>\n")

    def _with_ways_back(self, note: Note) -> list[Token]:
        links = "".join(self._way_back(note, each) for each in note.linked[:WAYS_BACK])
        *others, last = note.tokens or [_html("")]
        if last.type == "paragraph_close":
            return [*others, _html(links), last]
        return [*others, last, _html(f"<p>{links}</p>\n" if links else "")]

    def _way_back(self, note: Note, reference: int) -> str:
        name = f"\u21a9\ufe0e{reference if reference > 1 else ''}"
        to = self._id(note, reference)
        return f' <a href="#{to}" role="doc-backlink">{name}</a>'


def _labelled(note: Note) -> list[Token]:
    """The note as it was written, its label before it."""
    first, *others = note.tokens or [_html("")]
    label = f"[^{note.label}]:"
    if first.type != "paragraph_open":
        return [_html(f"<p>{escape(label)}</p>\n"), first, *others]
    others[0].children = [
        Token("text", "", 0, content=f"{label} "),
        *(others[0].children or ()),
    ]
    return [first, *others]


def _end_of_paragraph() -> Token:
    return Token("paragraph_close", "p", -1, block=True)


def _html(content: str) -> Token:
    return Token("html_block", "", 0, content=content)
