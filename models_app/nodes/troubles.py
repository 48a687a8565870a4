"""What may be wrong with what a host sends, and that in words."""

from enum import StrEnum

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


class Trouble(StrEnum):
    """The worst first; a host shows one at a time."""

    TWO_AGENTS = "two-agents"
    NO_STREAM = "no-stream"
    TOO_LARGE = "too-large"
    FLOOD = "flood"
    UNREADABLE = "unreadable"
    CARD_ELSEWHERE = "card-elsewhere"
    TOO_MANY_CARDS = "too-many-cards"
    NO_ACCESS = "no-access"


SENTENCES = {
    Trouble.TWO_AGENTS: _(
        "Two agents send under this name, and only the first is heard. End one of them, "
        "or give it a name of its own."
    ),
    Trouble.NO_STREAM: _(
        "Where its samples should be in Redis it has put something else, which was thrown "
        "away. Use the agent of Paddock there; if that did it, remove the host."
    ),
    Trouble.TOO_LARGE: _(
        "It has put more into Redis than samples need, which was thrown away. Use the "
        "agent of Paddock there; if that did it, remove the host."
    ),
    Trouble.FLOOD: _(
        "It sends more samples than are taken; only the newest count. End all agents "
        "there but one."
    ),
    Trouble.UNREADABLE: _(
        "What it sends cannot be read (%(detail)s). Bring the agent there and Paddock "
        "here to the same version."
    ),
    Trouble.CARD_ELSEWHERE: _(
        "It tells of a card that another host tells of as well (%(detail)s), and is not "
        "heard about it. Run one agent on each machine."
    ),
    Trouble.TOO_MANY_CARDS: _(
        "It has told of more cards than a machine can have (%(detail)s); new ones are "
        "not taken in. Remove the host and add it again under another name."
    ),
    Trouble.NO_ACCESS: _(
        "Its user in Redis cannot be made (%(detail)s), so that it cannot sign in there."
    ),
}
MOST = 300
"""Characters of a trouble as it is stored."""


def stored_trouble(trouble: Trouble, detail: str = "") -> str:
    return f"{trouble}:{detail}"[:MOST]


def trouble_text(stored: str) -> str:
    """The sentence of a stored trouble in the reader's language; "" for none."""
    code, _colon, detail = stored.partition(":")
    if code not in [str(each) for each in Trouble]:
        return ""
    return gettext(SENTENCES[Trouble(code)]) % {"detail": detail}
