"""What an open reply waits for or does, in words.

A page fills the same patterns with the facts of each `message.phase` (`phase.js`), so that
it says live what a reload says.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from chat.models import Message
from chat.phases import Doing, Told
from dashboard.errors import BackendUnreachable
from dashboard.sentences import grouped
from models_app.pull_words import size_text, time_text

PLACES = (
    gettext_noop("Next in line"),
    gettext_noop("Second in line"),
    gettext_noop("Third in line"),
    gettext_noop("Fourth in line"),
    gettext_noop("Fifth in line"),
    gettext_noop("Sixth in line"),
    gettext_noop("Seventh in line"),
    gettext_noop("Eighth in line"),
    gettext_noop("Ninth in line"),
)
OTHERS = (
    gettext_noop("behind one other"),
    gettext_noop("behind two others"),
    gettext_noop("behind three others"),
    gettext_noop("behind four others"),
    gettext_noop("behind five others"),
    gettext_noop("behind six others"),
    gettext_noop("behind seven others"),
    gettext_noop("behind eight others"),
    gettext_noop("behind nine others"),
)
PATTERNS = {
    "waiting": gettext_noop("Waiting for the first word…"),
    "thinking": gettext_noop("Thinking"),
    "writing": gettext_noop("Writing"),
    "prompt": gettext_noop("Reading the messages"),
    "place": gettext_noop("Number %(count)s in line"),
    "others": gettext_noop("behind %(count)s others"),
    "alone": gettext_noop("%(place)s on %(server)s"),
    "behind": gettext_noop("%(place)s, %(others)s, on %(server)s"),
    "loading": gettext_noop("Loading %(model)s on %(server)s"),
    "amount": gettext_noop("%(done)s of %(total)s"),
    "percent": gettext_noop("%(count)s %%"),
    "sofar": gettext_noop("%(time)s so far"),
    "left": gettext_noop("about %(time)s left"),
    "about": gettext_noop("about %(time)s"),
    "speed": gettext_noop("%(count)s tok/s"),
    "seconds": gettext_noop("%(count)s s"),
    "minutes": gettext_noop("%(count)s min"),
    "hours": gettext_noop("%(hours)s h %(count)s min"),
    "lost": gettext_noop("Not known while the connection is lost"),
    "stop": gettext_noop("Stop"),
    "leave": gettext_noop("Leave the queue"),
}
GAPS = ("count", "place", "others", "server", "model", "done", "total", "time", "hours")


AWAY = gettext_noop("%(server)s was asked first and could not be reached (%(detail)s)")
FAILED = gettext_noop("%(server)s was asked first and could not answer (%(detail)s)")


@dataclass(frozen=True, slots=True)
class PhaseWords:
    """How an open reply stands, as a page that has just been loaded says it."""

    told: Told

    @property
    def head(self) -> str:
        return head_of(self.told)

    @property
    def numbers(self) -> str:
        return numbers_of(self.told)

    @property
    def whole(self) -> str:
        return " · ".join(filter(None, (self.head, self.numbers)))

    @property
    def facts(self) -> str:
        """For the page to go on with."""
        return json.dumps(asdict(self.told))


def phase_of(message: Message) -> PhaseWords:
    """By its last checkpoint, which is at most a second old while its writer lives."""
    told = told_from(message.way, now=time.time())
    if told is not None and told.phase != Doing.WAITING:
        return PhaseWords(told)
    if message.text:
        return PhaseWords(Told(Doing.WRITING.value))
    if message.reasoning:
        return PhaseWords(Told(Doing.THINKING.value))
    return PhaseWords(told or Told())


def passed_over(kept: Mapping[str, Any]) -> str:
    """Who was asked before, and why another one answers."""
    detail = kept["facts"].get("detail")
    pattern = AWAY if kept["code"] == BackendUnreachable.code else FAILED
    facts = {
        "server": kept["server"],
        "detail": _(str(detail)) if detail else kept["code"],
    }
    return _(pattern) % facts


def head_of(told: Told) -> str:
    """What it does: this is read out when it changes."""
    match told.phase:
        case Doing.QUEUED:
            return _queue(told)
        case Doing.LOADING:
            facts = {"model": told.model, "server": told.server}
            return _(PATTERNS["loading"]) % facts
        case Doing.READING if told.total:
            return _tokens(told.total)
        case Doing.READING:
            return _(PATTERNS["prompt"])
    return _(PATTERNS[told.phase])


def numbers_of(told: Told) -> str:
    """How far it is, and how long that takes: it changes all the time."""
    return " · ".join(_numbers(told))


def patterns() -> dict[str, Any]:
    """The same words for a page that fills them itself: a gap is written …name…"""
    gaps = {gap: f"…{gap}…" for gap in GAPS}
    forms = {"one": _tokens_pattern(1), "other": _tokens_pattern(2)}
    return {
        # The browser has its own opinion on how numbers are grouped in a language.
        "grouped": len(grouped(1000)) > len("1000"),
        **{name: _(pattern) % gaps for name, pattern in PATTERNS.items()},
        "places": [_(each) for each in PLACES],
        "behinds": [_(each) for each in OTHERS],
        "tokens": {name: pattern % gaps for name, pattern in forms.items()},
    }


def told_from(kept: Mapping[str, Any], *, now: float) -> Told | None:
    """How it stands, by what a checkpoint has kept, which may be a moment old."""
    phase = kept.get("phase")
    if not phase:
        return None
    age = max(now - kept["at"], 0.0)
    left = phase["left"]
    older = {
        "since": phase["since"] + age,
        "left": None if left is None or left - age < 1 else left - age,
    }
    return Told(**{**phase, **older})


def _queue(told: Told) -> str:
    position, people = told.position or 1, told.people or 0
    place = _one_of(PLACES, position, PATTERNS["place"])
    facts = {"place": place, "server": told.server}
    if not people:
        return _(PATTERNS["alone"]) % facts
    others = _one_of(OTHERS, people, PATTERNS["others"])
    return _(PATTERNS["behind"]) % {**facts, "others": others}


def _one_of(words: tuple[str, ...], number: int, pattern: str) -> str:
    """Small numbers as words."""
    if number <= len(words):
        return _(words[number - 1])
    return _(pattern) % {"count": number}


def _tokens_pattern(count: int) -> str:
    return ngettext("Reading %(count)s token", "Reading %(count)s tokens", count)


def _tokens(count: int) -> str:
    return _tokens_pattern(count) % {"count": grouped(count)}


def _numbers(told: Told) -> Iterator[str]:
    if told.speed is not None:
        yield _(PATTERNS["speed"]) % {"count": told.speed}
    known = False
    if told.phase == Doing.LOADING and told.done and told.total:
        known = True
        done = size_text(told.done, like=told.total)
        facts = {"done": done, "total": size_text(told.total)}
        yield _(PATTERNS["amount"]) % facts
    elif told.share is not None:
        known = True
        yield _(PATTERNS["percent"]) % {"count": told.share}
    yield from _times(told, known=known)


def _times(told: Told, *, known: bool) -> Iterator[str]:
    """How long it will take, or else, where nothing else says how it goes, how long it
    has taken so far."""
    if told.left is not None:
        pattern = PATTERNS["about" if told.phase == Doing.QUEUED else "left"]
        yield _(pattern) % {"time": time_text(int(told.left))}
    elif told.phase == Doing.THINKING:
        yield time_text(int(told.since))
    elif told.phase == Doing.LOADING and not known:
        yield _(PATTERNS["sofar"]) % {"time": time_text(int(told.since))}
