"""The kinds of Markdown blocks, and by which line each begins, goes on and ends."""

import re
from enum import Enum, auto
from typing import Protocol

MARKERS = 8
"""How many nested items one line may begin (`- - - a`); no more are looked for."""

FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*\Z)|~{3,})")
HEADING_OR_RULE = re.compile(
    r" {0,3}(?:#{1,6}(?:[ \t]|\Z)|([-*_])[ \t]*+(?:\1[ \t]*+){2,}+\Z)"
)
UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*\Z")
TABLE_RULE = re.compile(r" {0,3}[-:|][-:| \t]*\Z")
QUOTE = re.compile(r" {0,3}>")
ITEM = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])(?:[ \t]+|\Z)")
NOTE = re.compile(r" {0,3}\[\^[^\s\[\]]+\]:")
ITEM_AMID_TEXT = re.compile(r" {0,3}(?:[-+*]|0{0,8}1[.)])[ \t]+[^ \t]")


class Step(Enum):
    """What a line is to the open block: more of it, its last, or the next one's first."""

    MORE = auto()
    LAST = auto()
    NEXT = auto()


class Block(Protocol):
    """An open block at the top level of a text."""

    def take(self, line: str) -> Step: ...

    def covers(self, line: str) -> bool:
        """Whether the line lies inside the block, whatever stands in it."""
        ...


class Paragraph:
    """Text or a table: over at a blank line, or where something else begins."""

    def __init__(self, line: str) -> None:
        self._above = line
        self._item = ITEM_AMID_TEXT

    def take(self, line: str) -> Step:
        above, self._above = self._above, line
        if self._item is ITEM_AMID_TEXT and _is_table_rule(line, head=above):
            self._item = ITEM
            return Step.MORE
        if self._item is ITEM_AMID_TEXT and UNDERLINE.match(line):
            return Step.LAST
        if is_blank(line):
            return Step.LAST
        goes_on = _leans(line) and not (QUOTE.match(line) or self._item.match(line))
        return Step.MORE if goes_on else Step.NEXT

    def covers(self, line: str) -> bool:
        return False


class Quote:
    """A quote and the lines that lean on it: over like text."""

    def __init__(self, line: str) -> None:
        self._ends_in_text = _is_text(line.lstrip(" \t>"))

    def take(self, line: str) -> Step:
        if is_blank(line):
            return Step.LAST
        if QUOTE.match(line):
            self._ends_in_text = _is_text(line.lstrip(" \t>"))
            return Step.MORE
        leans = self._ends_in_text and _leans(line) and not ITEM.match(line)
        return Step.MORE if leans else Step.NEXT

    def covers(self, line: str) -> bool:
        return False


class Fence:
    """Code between two fences."""

    def __init__(self, opener: str) -> None:
        self._closer = re.compile(rf" {{0,3}}{opener[0]}{{{len(opener)},}}[ \t]*\Z")

    def take(self, line: str) -> Step:
        return Step.LAST if self._closer.match(line) else Step.MORE

    def covers(self, line: str) -> bool:
        return True


class IndentedCode:
    """Code by indentation, blank lines included."""

    def take(self, line: str) -> Step:
        return Step.MORE if self.covers(line) or is_blank(line) else Step.NEXT

    def covers(self, line: str) -> bool:
        return _indent(line) >= 4


class ItemList:
    """A list: over at a line that is no item, not indented, and no more of a text."""

    def __init__(self, item: re.Match[str]) -> None:
        self._fence_column = 0
        self._begin(item)

    def take(self, line: str) -> Step:
        if is_blank(line):
            self._ends_in_text = False
        elif self.covers(line):
            self._look_into(line.strip(), column=_indent(line))
        elif item := _item(line):
            self._begin(item)
        elif QUOTE.match(line) or not (self._ends_in_text and _leans(line)):
            return Step.NEXT
        return Step.MORE

    def covers(self, line: str) -> bool:
        return _indent(line) >= self._column

    def _begin(self, item: re.Match[str]) -> None:
        self._column = _content_column(item)
        self._fence: Fence | None = None
        is_code = len(item[0].expandtabs(4)) > self._column
        text = "" if is_code else item.string[item.end() :]
        self._look_into(text, column=self._column)

    def _look_into(self, text: str, *, column: int) -> None:
        """See whether a line leaves a fence or a text open in the item."""
        if self._fence and column >= self._fence_column - 3:
            self._ends_in_text = False
            self._fence = self._fence if self._fence.take(text) is Step.MORE else None
            return
        for _ in range(MARKERS):
            if item := _item(text):
                column += _content_column(item)
                text = text[item.end() :]
        opener = FENCE.match(text)
        self._fence = Fence(opener[1]) if opener else None
        self._fence_column = column
        self._ends_in_text = _is_text(text)


class Note(ItemList):
    """The definition of a footnote: as one item, with what is indented below it."""

    def __init__(self, note: re.Match[str]) -> None:
        self._fence: Fence | None = None
        self._fence_column, self._column = 0, 4
        self._look_into(note.string[note.end() :].strip(), column=4)

    def take(self, line: str) -> Step:
        item = ITEM_AMID_TEXT if self._ends_in_text else ITEM
        if not self.covers(line) and item.match(line):
            return Step.NEXT
        return super().take(line)

    def _begin(self, item: re.Match[str]) -> None:
        """Nothing: the item is more of the text above it."""


def block_begun_by(line: str) -> Block | None:
    """The block that a line opens; None when the line is the whole block."""
    if opener := FENCE.match(line):
        return Fence(opener[1])
    if _indent(line) >= 4:
        return IndentedCode()
    if HEADING_OR_RULE.match(line):
        return None
    if item := ITEM.match(line):
        return ItemList(item)
    if note := NOTE.match(line):
        return Note(note)
    return Quote(line) if QUOTE.match(line) else Paragraph(line)


def is_blank(line: str) -> bool:
    return not line.strip(" \t")


def _is_text(line: str) -> bool:
    return not (is_blank(line) or FENCE.match(line) or HEADING_OR_RULE.match(line))


def _leans(line: str) -> bool:
    """Whether the line may go on with a text above it."""
    return _is_text(line) and not NOTE.match(line)


def _item(line: str) -> re.Match[str] | None:
    """The marker of a list item, with the space after it."""
    return None if HEADING_OR_RULE.match(line) else ITEM.match(line)


def _is_table_rule(line: str, *, head: str) -> bool:
    """Whether the line makes a table of the one above it."""
    if "|" not in head or not TABLE_RULE.match(line):
        return False
    return head.strip(" \t|").count("|") == line.strip(" \t|").count("|")


def _indent(line: str) -> int:
    text = line.lstrip(" \t")
    return len(line[: len(line) - len(text)].expandtabs(4))


def _content_column(item: re.Match[str]) -> int:
    """Where the text of a list item begins; lines that deep belong to the item."""
    marker, column = len(item[0].rstrip(" \t")), len(item[0].expandtabs(4))
    has_text = item.end() < len(item.string)
    return column if has_text and column <= marker + 4 else marker + 1
