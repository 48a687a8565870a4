"""Reading a Modelfile: any text gives commands, troubles with their places, or both.

Where Ollama stops at the first trouble, this goes on with the next line, so that an
editor can show all of them; the first one is always Ollama's.
"""

import re
from bisect import bisect_right
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator

from models_app.modelfile.commands import Command, Parsed
from models_app.modelfile.grammar import (
    BLANKS,
    FROM,
    INSTRUCTIONS,
    MESSAGE,
    NEWLINES,
    ONE_ROLE,
    PARAMETER,
    ROLE_END,
    ROLES,
    is_kept,
    opening,
    unquoted,
)
from models_app.modelfile.troubles import Fault, Trouble

MARKS = ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))
BOM = "\ufeff"
UNREAD = "\ufffd"
"""Stands where bytes were no text."""
MOST_TROUBLES = 100
"""A text with more is no Modelfile at all: there, reading ends."""
LONGEST_WORD = 40
"""Of what a trouble repeats."""

SKIPPED = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*)*")
WORD = re.compile(r"[^ \t\r\n#][A-Za-z]*")
PARAMETER_NAME = re.compile(r"[A-Za-z0-9_]*")
ROLE = re.compile(r"[A-Za-z]*")
SHOWN = re.compile(rf"[^ \t\r\n]{{1,{LONGEST_WORD}}}")
LINE = re.compile(r"[^\r\n]*")
LINE_END = re.compile(r"\r\n|\r|\n")

ONE_OF = 'command must be one of {}, or "requires"'.format(
    ", ".join(f'"{each}"' for each in INSTRUCTIONS if each != "requires")
)
ENDED = "unexpected EOF"


def text_of(content: bytes) -> str:
    """Bytes as text: a byte order mark is honoured, and what is no UTF-8 becomes “�”."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    return content.decode(errors="replace")


def parse(text: str) -> Parsed:
    """All commands in their order; without errors it is a Modelfile that Ollama takes."""
    reader = _Reader(text.removeprefix(BOM))
    commands, errors = list[Command](), list[Trouble]()
    for each in reader.read():
        if isinstance(each, Command):
            commands.append(each)
        else:
            errors.append(each)
        if len(errors) == MOST_TROUBLES:
            break
    if not errors and not any(each.name == FROM for each in commands):
        errors.append(Trouble(1, 1, "no FROM line", Fault.NO_FROM))
    return Parsed(tuple(commands), tuple(errors))


class _Trouble(Exception):
    """At a place in the text; reading goes on with the next line."""

    def __init__(self, at: int, message: str, fault: Fault, word: str = "") -> None:
        self.at, self.message, self.fault, self.word = at, message, fault, word


class _Reader:
    """A text, and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = [0, *(each.end() for each in LINE_END.finditer(text))]
        self.newlines = [at for at, each in enumerate(text) if each in NEWLINES]

    def read(self) -> Iterator[Command | Trouble]:
        while self._skip() < len(self.text):
            try:
                yield self._command()
            except _Trouble as trouble:
                yield self._told(trouble)
                self._take(LINE)

    def _skip(self) -> int:
        self._take(SKIPPED)
        return self.at

    def _command(self) -> Command:
        start = self.at
        name = self._instruction()
        role = ""
        if name == PARAMETER:
            name = self._parameter()
        elif name == MESSAGE:
            role = self._role() + ROLE_END
        value = self._value(start)
        (line, column), (last, _) = self._place(start), self._place(self.at)
        return Command(name, role + value, line, column, last)

    def _instruction(self) -> str:
        start = self.at
        # A first character that cannot be seen is dropped, as Ollama drops it.
        word = self._take(WORD)
        word = word if is_kept(word[0]) else word[1:]
        if self.at == len(self.text):
            raise _Trouble(start, ENDED, Fault.UNFINISHED)
        known = INSTRUCTIONS.get(word.lower())
        if self._here() not in BLANKS or known is None:
            message = f"(line {self._counted()}): {ONE_OF}"
            self.at = start
            raise _Trouble(start, message, Fault.NO_INSTRUCTION, self._take(SHOWN))
        self.at += 1
        return known

    def _parameter(self) -> str:
        return self._named(PARAMETER_NAME)

    def _role(self) -> str:
        start = self.at
        role = self._named(ROLE)
        if role not in ROLES:
            self.at -= 1
            message = f"(line {self._counted()}): {ONE_ROLE}"
            raise _Trouble(start, message, Fault.NO_ROLE, role)
        return role

    def _named(self, pattern: re.Pattern[str]) -> str:
        """A name and the blank after it."""
        start = self.at
        name = self._take(pattern)
        if self.at == len(self.text):
            raise _Trouble(start, ENDED, Fault.UNFINISHED)
        if self._here() not in BLANKS:
            raise _Trouble(start, f"{ENDED}: {name}", Fault.BROKEN_NAME, name)
        self.at += 1
        return name

    def _value(self, start: int) -> str:
        """To the end of the line, or of the line that closes its quotation marks.

        Whether they are closed is asked at the ends of lines only.
        """
        value = self._line().lstrip(BLANKS)
        mark = opening(value)
        closed = len(value.rstrip(BLANKS)) >= 2 * len(mark) and _ends(value, mark)
        pieces = [value]
        while not closed:
            if self.at == len(self.text):
                raise _Trouble(start, ENDED, Fault.UNCLOSED)
            newline, line = self._here(), self._next_line()
            pieces += newline, line
            closed = _ends(line, mark)
        return unquoted("".join(pieces).rstrip(BLANKS + NEWLINES))

    def _next_line(self) -> str:
        self.at += 1
        return self._line()

    def _line(self) -> str:
        return "".join(filter(is_kept, self._take(LINE)))

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        taken = found[0] if found else ""
        self.at += len(taken)
        return taken

    def _here(self) -> str:
        return self.text[self.at]

    def _counted(self) -> int:
        """The line as Ollama counts: each CR and each LF, the one it stumbles on too."""
        return 1 + bisect_right(self.newlines, self.at)

    def _place(self, at: int) -> tuple[int, int]:
        line = bisect_right(self.starts, at)
        return line, at - self.starts[line - 1] + 1

    def _told(self, trouble: _Trouble) -> Trouble:
        line, column = self._place(trouble.at)
        facts = {"word": trouble.word[:LONGEST_WORD]}
        return Trouble(line, column, trouble.message, trouble.fault, facts)


def _ends(line: str, mark: str) -> bool:
    return line.rstrip(BLANKS).endswith(mark)
