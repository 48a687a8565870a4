"""What the status page says in words: why a number lacks, what a driver's state asks for."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.figures.queries import Lack
from models_app.gpu.metrics import Reason
from models_app.nodes.queries import NodeNow, NodeState

REASONS = {
    Reason.NOT_SUPPORTED: gettext_noop("This card or its driver does not tell it."),
    Reason.NO_PERMISSION: gettext_noop("The agent on that host may not read it."),
    Reason.OLD_DRIVER: gettext_noop("The driver is too old to tell it."),
    Reason.SHARED_MEMORY: gettext_noop(
        "The card shares the memory of its host and has none of its own."
    ),
    Reason.LOST: gettext_noop("The card does not answer any more."),
    Reason.SLOW: gettext_noop("The driver did not answer in time."),
    Reason.NONSENSE: gettext_noop("The driver told a number that cannot be true."),
    Reason.NOT_YET: gettext_noop("It has not been read yet."),
    Reason.FAILED: gettext_noop("The driver answered with an error."),
}
UNKNOWN = gettext_noop("It was not told.")


@dataclass(frozen=True, slots=True)
class Brake:
    """Why a card runs slower than it could; `hurts` when it should not be so."""

    words: str
    hurts: bool


BRAKES = {
    0x2: Brake(gettext_noop("clocks set by a program"), hurts=False),
    0x4: Brake(gettext_noop("at its power limit"), hurts=False),
    0x8: Brake(gettext_noop("slowed down by the hardware"), hurts=True),
    0x10: Brake(gettext_noop("in step with other cards"), hurts=False),
    0x20: Brake(gettext_noop("slowed down: too hot"), hurts=True),
    0x40: Brake(gettext_noop("much too hot: at half its speed or less"), hurts=True),
    0x80: Brake(gettext_noop("slowed down: the power supply says so"), hurts=True),
}
UNSAID = (0x1, 0x100)
"""Idle, and clocks set for a display: nothing of these is worth a word."""


def reason_text(reason: str | None) -> str:
    """Why a number of a card or a host lacks."""
    known = {str(each): text for each, text in REASONS.items()}
    return _(known.get(reason or "", UNKNOWN))


def lack_text(lack: Lack | None) -> str:
    """Why a number of a server lacks."""
    return str((lack or Lack.UNHEARD).label)


def brakes_of(mask: float | None) -> list[Brake]:
    """What slows a card down, in words; a bit that nobody knows stands as a number."""
    bits = int(mask or 0) & ~sum(UNSAID)
    found = [
        Brake(_(brake.words), brake.hurts)
        for bit, brake in BRAKES.items()
        if bits & bit
    ]
    rest = bits & ~sum(BRAKES)
    return [*found, *([Brake(f"0x{rest:x}", hurts=False)] if rest else [])]


def unheard_text(node: NodeNow) -> str:
    """What to do about a host that nothing was ever heard of; "" for any other."""
    if node.state != NodeState.UNHEARD:
        return ""
    return _(
        "Nothing has been heard of it yet. Start the agent there with what “manage.py "
        "add_node” printed: by “make node”, or as the service “node” of Docker Compose."
    )


def headline_lacks() -> dict[str, str]:
    """Why a number on top of the page lacks, by its name."""
    return {
        "speed": _("No model server tells how much it writes."),
        "flight": _("No model server tells how many replies it writes."),
        "first": _("Nobody was answered in the last minutes."),
        "memory": _("No card tells how much memory it has."),
        "power": _("No card tells its power."),
        "today": _("No card has told how much it takes."),
    }


def page_words() -> dict[str, object]:
    """The words with which a page puts what it hears into sentences; a gap is …name…."""
    return {
        "reasons": {str(each): _(text) for each, text in REASONS.items()},
        "unknown": _(UNKNOWN),
        "figures": headline_lacks(),
        "speed": _("tok/s"),
        "lacks": {str(lack.value): str(lack.label) for lack in Lack},
        "brakes": dict(_brakes()),
        "unsaid": list(UNSAID),
        "now": _("sampled just now"),
        "sampled": _("sampled …time… ago"),
        "silent": _("silent for …time…"),
        "ages": [
            [86_400, _("…count… d")],
            [3600, _("…count… h")],
            [60, _("…count… min")],
            [1, _("…count… s")],
        ],
        "waiting": _("+ …count… waiting"),
        "live": _("live"),
        "paused": _("paused"),
    }


def _brakes() -> Iterator[tuple[str, tuple[str, bool]]]:
    for bit, brake in BRAKES.items():
        yield str(bit), (_(brake.words), brake.hurts)
