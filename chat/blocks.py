"""Cutting streamed Markdown into finished blocks and the open rest, line by line."""

import re

from chat.block_kinds import Block, Step, block_begun_by, is_blank

MATH_REACH = 4_000
"""Within how many characters display math closes: a stray `$$` must not hold a reply."""

MATH_CLOSER = {"$$": "$$", "\\[": "\\]"}
MATH_OPENER = re.compile(r" {0,3}(\$\$|\\\[)")


class Math:
    """Display math, blank lines included; no math at all if it does not close soon."""

    def __init__(self, opener: re.Match[str], *, first_line: int) -> None:
        self.opener = opener[1]
        self.first_line = first_line
        self._searched = -opener.end()
        self._closer = MATH_CLOSER[opener[1]]

    def take(self, line: str) -> Step:
        at = line.find(self._closer, max(0, -self._searched))
        soon = self._searched + max(at, 0) <= MATH_REACH
        self._searched += len(line) + 1
        if at < 0 or not soon:
            return Step.MORE if soon else Step.NEXT
        return Step.NEXT if line[at + 2 :].strip() else Step.LAST


class BlockSplitter:
    """Takes a text in pieces and gives each block once nothing can change it.

    What models write looks the same rendered block by block as rendered whole,
    but for references from one block into another.
    """

    def __init__(self) -> None:
        self._done: list[str] = []
        self._lines: list[str] = []
        self._tail: list[str] = []
        self._block: Block | None = None
        self._math: Math | None = None
        self._no_math = ""

    @property
    def rest(self) -> str:
        """The text after the last finished block."""
        return "".join(self._lines) + "".join(self._tail)

    def feed(self, text: str) -> list[str]:
        """The blocks that this piece finishes, in order."""
        self._tail.append(text)
        if "\n" in text:
            *lines, tail = "".join(self._tail).split("\n")
            self._tail = [tail]
            for line in lines:
                self._read(f"{line}\n")
        done, self._done = self._done, []
        return done

    def _read(self, line: str) -> None:
        if self._math is None:
            self._math = self._math_opened_by(line)
        if self._math is None:
            self._place(line)
        else:
            self._lines.append(line)
            self._follow(self._math, line)

    def _math_opened_by(self, line: str) -> Math | None:
        opener = MATH_OPENER.match(line)
        if not opener or opener[1] in self._no_math:
            return None
        if self._block and self._block.covers(line):
            return None
        return Math(opener, first_line=len(self._lines))

    def _follow(self, math: Math, line: str) -> None:
        step = math.take(line.rstrip("\r\n"))
        if step is Step.LAST:
            self._finish()
        elif step is Step.NEXT:
            self._read_again(math)

    def _read_again(self, math: Math) -> None:
        """Take the lines for what they are when their opener means nothing."""
        first, *others = self._lines[math.first_line :]
        del self._lines[math.first_line :]
        self._math, no_math = None, self._no_math
        self._no_math += math.opener
        for line in (first, *others[:-1]):
            self._read(line)
        self._no_math = no_math
        # The line that ended the search may open math of its own.
        for line in others[-1:]:
            self._read(line)

    def _place(self, line: str) -> None:
        text = line.rstrip("\r\n")
        step = self._block.take(text) if self._block else Step.NEXT
        if step is Step.NEXT and not (self._block is None and is_blank(text)):
            if self._block:
                self._finish()
            self._block = block_begun_by(text)
            step = Step.MORE if self._block else Step.LAST
        self._lines.append(line)
        if step is Step.LAST:
            self._finish()

    def _finish(self) -> None:
        self._done.append("".join(self._lines))
        self._lines = []
        self._block = self._math = None


def split(text: str) -> tuple[list[str], str]:
    """The finished blocks of a text, and its open rest."""
    splitter = BlockSplitter()
    return splitter.feed(text), splitter.rest
