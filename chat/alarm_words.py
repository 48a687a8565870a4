"""What a reply says of how much its model read, and of a window that would hold it all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from chat.models import Message
from models_app.serving.alarm import Kind
from models_app.templatetags.amounts import count
from models_app.wider import Way

KINDS: Mapping[str, str] = {
    Kind.CUT: gettext_noop(
        "The model read %(read)s of about %(sent)s tokens: about %(dropped)s were left "
        "out, the oldest first."
    ),
    Kind.FULL: gettext_noop(
        "The model's window is nearly full: %(used)s of its %(window)s tokens are taken."
    ),
    Kind.REFUSED: gettext_noop(
        "%(sent)s tokens were sent, and the model's window holds %(window)s: it read none "
        "of them."
    ),
}
ABOUT_REFUSED = gettext_noop(
    "About %(sent)s tokens were sent, and the model's window holds %(window)s: it read "
    "none of them."
)
WAYS: Mapping[str, str] = {
    Way.ASK: gettext_noop(
        "A window of %(offered)s tokens would hold it all; the model is loaded anew for it."
    ),
    Way.LOAD: gettext_noop(
        "Loaded with a window of %(offered)s tokens it would hold it all: somebody who may "
        "load models can do that, then ask again."
    ),
    Way.START: gettext_noop(
        "A window of %(offered)s tokens would hold it all. It is set where %(server)s is "
        "started: an administrator can do that with %(how)s."
    ),
    Way.NONE: gettext_noop(
        "There is no window that holds it all on %(server)s. Begin a new conversation, or "
        "choose a model with a larger window."
    ),
    Way.UNKNOWN: gettext_noop(
        "Whether a larger window would fit %(server)s is not known. Begin a new "
        "conversation, or choose a model with a larger window."
    ),
}
COARSE = 1000
"""From here on a guess is told in hundreds, below in tens."""


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences, and what can be done: a window to ask with, or to load the model with;
    `need` is how much another model would have to read."""

    sentences: tuple[str, ...]
    ask: int = 0
    load: int = 0
    model: int = 0
    need: int = 0


def told_of(message: Message) -> Told | None:
    """What is to be said of a reply; None where nothing is."""
    kept: Mapping[str, Any] = message.alarm
    sentences = tuple(_sentences(message, kept))
    if not sentences:
        return None
    way, offered = kept.get("way"), kept.get("offered", 0)
    return Told(
        sentences,
        ask=offered if way == Way.ASK else 0,
        load=offered if way == Way.LOAD else 0,
        model=kept.get("model", 0),
        need=0 if way == Way.ASK else kept.get("need", 0),
    )


def _sentences(message: Message, kept: Mapping[str, Any]) -> Iterator[str]:
    kind = str(kept.get("kind", ""))
    if kind in KINDS:
        exact = kept["exact"] or kind != Kind.REFUSED
        yield _(KINDS[kind] if exact else ABOUT_REFUSED) % _numbers(kept)
    if message.left_out:
        yield _left_out(message.left_out)
    if way := kept.get("way"):
        how = f"{kept['how']} {kept['offered']}" if kept["how"] else "–"
        facts = {
            "server": message.server,
            "how": how,
            "offered": count(kept["offered"]),
        }
        yield _(WAYS[way]) % facts


def _numbers(kept: Mapping[str, Any]) -> dict[str, str]:
    sent, read = kept["sent"], kept["read"]
    guess = sent if kept["exact"] else _round(sent)
    return {
        "read": count(read),
        "sent": count(guess),
        "dropped": count(_round(max(sent - read, 1))),
        "used": count(kept["used"]),
        "window": count(kept["window"]),
    }


def _round(number: int) -> int:
    step = 100 if number >= COARSE else 10
    return max(round(number / step), 1) * step


def _left_out(number: int) -> str:
    sentence = ngettext(
        "%(count)s early message did not fit the model's window and was not sent.",
        "%(count)s early messages did not fit the model's window and were not sent.",
        number,
    )
    return sentence % {"count": count(number)}
