"""Telling `<think>…</think>` at the start of a reply from the reply itself."""

from collections.abc import Callable
from typing import Self

from models_app.adapters.base import Reasoning, Text

Said = list[Text | Reasoning]

OPEN = "<think>"
CLOSE = "</think>"


class Thinking:
    """Splits one reply that arrives in pieces; a tag may be cut anywhere.

    Some templates write the opening tag themselves, so that the model only closes it.
    What came before is out by then, as text: `thought` says how much of it was reasoning.
    """

    def __init__(self) -> None:
        self.thought = 0
        self._held = ""
        self._said = 0
        self._at_line_start = False
        self._state: Callable[[str], Said] | None = self._begin

    @classmethod
    def begun(cls) -> Self:
        """For what a server calls reasoning, which may hold the end of it and the reply.

        vLLM's parser misses a closing tag that comes as several tokens.
        """
        thinking = cls()
        thinking._state = thinking._inside
        return thinking

    def feed(self, text: str) -> Said:
        """What can be told apart now; the rest is held back until more comes."""
        if self._held:
            text, self._held = self._held + text, ""
        return self._state(text) if self._state else [Text(text)]

    def rest(self) -> Said:
        """What was held back when the reply ended."""
        held, self._held = self._held, ""
        kind = Reasoning if self._state == self._inside else Text
        return [kind(held)] if held else []

    def settle(self) -> None:
        """Take all that comes for text: the server tells them apart itself."""
        self._state = None

    def _begin(self, text: str) -> Said:
        bare = text.lstrip()
        if any(tag.startswith(bare) and tag != bare for tag in (OPEN, CLOSE)):
            self._held = text
            return []
        if bare.startswith(OPEN):
            self._state = self._enter
            return self._enter(bare.removeprefix(OPEN))
        if bare.startswith(CLOSE):
            return self._leave(bare.removeprefix(CLOSE))
        self._state = self._watch
        return self._watch(text)

    def _enter(self, text: str) -> Said:
        if text := text.lstrip():
            self._state = self._inside
            return self._inside(text)
        return []

    def _inside(self, text: str) -> Said:
        thought, tag, after = text.partition(CLOSE)
        if tag:
            return [*_maybe(Reasoning(thought)), *self._leave(after)]
        thought, self._held = _without_tag_start(text)
        return _maybe(Reasoning(thought))

    def _leave(self, text: str) -> Said:
        """The blank lines between thinking and reply belong to neither."""
        self._state = None if text.lstrip() else self._leave
        return _maybe(Text(text.lstrip()))

    def _watch(self, text: str) -> Said:
        """Pass text on, and look for the end of thinking that nobody saw begin."""
        if "<" not in text:
            return self._pass_on(text)
        before, tag, after = text.partition(CLOSE)
        if tag and self._ends_line(before) and OPEN not in before:
            self.thought = self._said + len(before)
            return [*_maybe(Text(before)), *self._leave(after)]
        if tag or OPEN in text:
            self.settle()
            return [Text(text)]
        text, self._held = _without_tag_start(text)
        return self._pass_on(text) if text else []

    def _pass_on(self, text: str) -> Said:
        self._said += len(text)
        self._at_line_start = text[-1] == "\n"
        return [Text(text)]

    def _ends_line(self, text: str) -> bool:
        return text.endswith("\n") if text else self._at_line_start


def _without_tag_start(text: str) -> tuple[str, str]:
    """The text, cut before what may be the beginning of a tag."""
    at = text.rfind("<")
    if at >= 0 and (OPEN.startswith(text[at:]) or CLOSE.startswith(text[at:])):
        return text[:at], text[at:]
    return text, ""


def _maybe(said: Text | Reasoning) -> Said:
    return [said] if said.text else []
