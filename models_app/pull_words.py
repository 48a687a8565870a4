"""Where a pull stands, in words: what it does, how far it is, how long it will take.

A page fills the same patterns with the numbers of each `pull.changed`: what stands there
right after a reload is what stood there before.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from dashboard.errors import BackendUnreachable
from dashboard.sentences import sentence_for
from models_app.models import Pull
from models_app.progress import QUIET, TRIES

MINUTE, HOUR = 60, 60 * 60
UNITS = (("GB", 10**9, 100), ("MB", 10**6, 10), ("kB", 10**3, 0))
"""Each with its bytes, and how many of it are so few that tenths are told."""


class Stage(StrEnum):
    """What happens to an open pull just now."""

    WAITING = "waiting"
    BEGINNING = "beginning"
    RECEIVING = "receiving"
    VERIFYING = "verifying"
    WRITING = "writing"
    STALLED = "stalled"
    STOPPING = "stopping"
    ENDED = "ended"


SETTLING = (Stage.VERIFYING, Stage.WRITING)
"""All bytes are there."""
PATTERNS = {
    "waiting": gettext_noop("waits for its turn"),
    "beginning": gettext_noop("looking for the model…"),
    "verifying": gettext_noop("verifying what came…"),
    "writing": gettext_noop("writing the manifest…"),
    "stopping": gettext_noop("being cancelled…"),
    "amount": gettext_noop("%(done)s of %(total)s"),
    "some": gettext_noop("%(done)s so far"),
    "speed": gettext_noop("%(size)s/s"),
    "left": gettext_noop("%(time)s left"),
    "idle": gettext_noop("no data for %(time)s"),
    "asked": gettext_noop("asked again (%(tries)s of %(most)s)"),
    "seconds": gettext_noop("%(count)s s"),
    "minutes": gettext_noop("%(count)s min"),
    "hours": gettext_noop("%(hours)s h %(count)s min"),
}
GAPS = ("done", "total", "size", "time", "tries", "count", "hours")


AWAY = gettext_noop(
    "%(server)s cannot be reached (%(detail)s). Wait until it answers again and retry, or "
    "choose another server."
)


def failure_told(code: str, facts: Mapping[str, str | int]) -> str:
    """Why something that a server was to do with a model has failed.

    To whom a server does not answer no other model helps, as it does in a chat.
    """
    if code != BackendUnreachable.code:
        return sentence_for(code, facts)
    detail = str(facts.get("detail") or "–")
    return _(AWAY) % {"server": facts.get("server", "–"), "detail": _(detail)}


def stage_of(pull: Pull) -> Stage:
    if not pull.is_open:
        return Stage.ENDED
    if pull.stop_requested:
        return Stage.STOPPING
    if pull.status == Pull.Status.QUEUED:
        return Stage.WAITING
    if pull.said.startswith("verifying"):
        return Stage.VERIFYING
    if pull.said.startswith("writing"):
        return Stage.WRITING
    if pull.idle >= QUIET or pull.fruitless:
        return Stage.STALLED
    return Stage.RECEIVING if pull.done or pull.total else Stage.BEGINNING


def progress_text(pull: Pull) -> str:
    """What an open pull does, with as much of the rest as is known."""
    stage = stage_of(pull)
    if stage == Stage.RECEIVING:
        return " · ".join([*_amount(pull), *_pace(pull)])
    if stage == Stage.STALLED:
        return " · ".join([*_amount(pull), *_stall(pull)])
    return _(PATTERNS[stage])


def bar_of(pull: Pull) -> tuple[int, int] | None:
    """How much of how much; None while nobody knows how much it will be."""
    stage = stage_of(pull)
    if stage in SETTLING or pull.status == Pull.Status.DONE:
        return 1, 1
    if pull.total:
        return pull.done, pull.total
    return None if pull.is_open and stage != Stage.WAITING else (0, 1)


def patterns() -> dict[str, str]:
    """The same words for a page that fills them itself: a gap is written …name…"""
    gaps = {gap: f"…{gap}…" for gap in GAPS} | {"most": TRIES}
    return {name: _(pattern) % gaps for name, pattern in PATTERNS.items()}


def size_text(amount: int, *, like: int | None = None) -> str:
    """Bytes in decimal units, cut and not rounded: what is not whole is not told so.

    `like` another amount, they stand in its unit, which is left out.
    """
    unit, size, few = _unit_of(amount if like is None else like)
    if (like or amount) < few * size:
        number = number_format(amount // (size // 10) / 10, 1)
    else:
        number = number_format(amount // size)
    return f"{number} {unit}" if like is None else number


def time_text(seconds: int) -> str:
    if seconds < MINUTE:
        return _("%(count)s s") % {"count": seconds}
    minutes = -(-seconds // MINUTE)
    if seconds <= HOUR - MINUTE:
        return _("%(count)s min") % {"count": minutes}
    facts = {"hours": minutes // MINUTE, "count": minutes % MINUTE}
    return _("%(hours)s h %(count)s min") % facts


def _amount(pull: Pull) -> Iterator[str]:
    if pull.total:
        done = size_text(pull.done, like=pull.total)
        yield _("%(done)s of %(total)s") % {
            "done": done,
            "total": size_text(pull.total),
        }
    elif pull.done:
        yield _("%(done)s so far") % {"done": size_text(pull.done)}


def _pace(pull: Pull) -> Iterator[str]:
    if pull.speed is not None:
        yield _("%(size)s/s") % {"size": size_text(pull.speed)}
    if pull.seconds_left is not None:
        yield _("%(time)s left") % {"time": time_text(pull.seconds_left)}


def _stall(pull: Pull) -> Iterator[str]:
    if pull.idle:
        yield _("no data for %(time)s") % {"time": time_text(pull.idle)}
    if pull.fruitless:
        facts = {"tries": pull.fruitless, "most": TRIES}
        yield _("asked again (%(tries)s of %(most)s)") % facts


def _unit_of(amount: int) -> tuple[str, int, int]:
    return next((each for each in UNITS if amount >= each[1]), UNITS[-1])
