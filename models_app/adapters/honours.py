"""Which parameters a kind of server takes with a question, and within which limits.

Each adapter declares them as data. What is sent and what is told as unheeded both come
from `heed`, so that the two cannot drift apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dashboard.errors import gettext_noop
from models_app.adapters.base import Honour, ParameterValue


class Lapse(StrEnum):
    """Why a line of a Modelfile is not, or not wholly, done by a server."""

    UNKNOWN = "unknown"
    AT_START = "at_start"
    RAISED = "raised"
    LOWERED = "lowered"
    TOO_LOW = "too_low"
    TOO_HIGH = "too_high"
    TOO_MANY = "too_many"
    EMPTY_STOP = "empty_stop"
    FIRST_QUESTION = "first_question"
    ON_SERVER = "on_server"
    OF_THE_MODEL = "of_the_model"
    NO_TEXT = "no_text"
    OF_OLLAMA = "of_ollama"
    A_FILE = "a_file"


SENTENCES: Mapping[Lapse, str] = {
    Lapse.UNKNOWN: gettext_noop("%(kind)s knows no %(name)s, so it is not sent."),
    Lapse.AT_START: gettext_noop(
        "%(kind)s takes %(name)s only when it starts or loads the model (%(how)s), so it "
        "is not sent."
    ),
    Lapse.RAISED: gettext_noop(
        "%(kind)s takes no %(name)s below %(limit)s: it is sent %(limit)s in place of "
        "%(given)s."
    ),
    Lapse.LOWERED: gettext_noop(
        "%(kind)s takes no %(name)s above %(limit)s: it is sent %(limit)s in place of "
        "%(given)s."
    ),
    Lapse.TOO_LOW: gettext_noop(
        "%(kind)s takes no %(name)s below %(limit)s, so %(given)s is not sent."
    ),
    Lapse.TOO_HIGH: gettext_noop(
        "%(kind)s takes no %(name)s above %(limit)s, so %(given)s is not sent."
    ),
    Lapse.TOO_MANY: gettext_noop(
        "%(kind)s takes at most %(limit)s stop texts: only the first ones are sent."
    ),
    Lapse.EMPTY_STOP: gettext_noop("An empty stop text is not sent to %(kind)s."),
    Lapse.FIRST_QUESTION: gettext_noop(
        "%(kind)s takes %(name)s only with a plain question that opens a conversation; "
        "after it, the window stays as it was loaded."
    ),
    Lapse.ON_SERVER: gettext_noop(
        "%(kind)s takes %(name)s only for a model that is made on the server. Create one "
        "there from this preset."
    ),
    Lapse.OF_THE_MODEL: gettext_noop(
        "%(kind)s has the %(name)s that the model came with, and no question changes it."
    ),
    Lapse.NO_TEXT: gettext_noop(
        "%(name)s is not for the model to read: it stays with the preset."
    ),
    Lapse.OF_OLLAMA: gettext_noop(
        "%(name)s is about versions of Ollama, and means nothing to %(kind)s."
    ),
    Lapse.A_FILE: gettext_noop(
        "%(name)s names a file, which no question can carry. Make the model where the "
        "file is, then name it in FROM."
    ),
}

LARGEST_COUNT = 2**31 - 1
LARGEST_SEED = 2**63 - 1
"""What servers have room for."""
SMALL = 0.001
"""Near enough to nothing, where nothing itself is refused."""
Facts = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Unmet:
    """A parameter that is not, or not wholly, heeded."""

    name: str
    lapse: Lapse
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heeded:
    """What a server is told of parameters, and what it is not told.

    `fields` have the server's names; `parameters` are the same under their own.
    """

    fields: dict[str, Any]
    parameters: dict[str, ParameterValue]
    unmet: tuple[Unmet, ...]


Honours = Mapping[str, Honour]


def heed(
    parameters: Mapping[str, ParameterValue],
    honours: Honours,
    at_start: Mapping[str, str] | None = None,
) -> Heeded:
    """What a server with these honours is told; `at_start` says how it is told the rest."""
    heeded = Heeded({}, {}, ())
    unmet: list[Unmet] = []
    for name, value in parameters.items():
        honour = honours.get(name)
        if honour is None:
            unmet.append(_unknown(name, at_start or {}))
            continue
        sent, lapses = _taken(name, value, honour)
        unmet += lapses
        if sent is not None:
            heeded.parameters[name] = sent
            heeded.fields.update(dict.fromkeys(honour.names, sent))
    return Heeded(heeded.fields, heeded.parameters, tuple(unmet))


def same_names(*names: str) -> dict[str, Honour]:
    """Of a server that calls them what a Modelfile does, and takes any value."""
    return {name: Honour((name,)) for name in names}


def _unknown(name: str, at_start: Mapping[str, str]) -> Unmet:
    if name in at_start:
        return Unmet(name, Lapse.AT_START, {"how": at_start[name]})
    return Unmet(name, Lapse.UNKNOWN)


def _taken(
    name: str, value: ParameterValue, honour: Honour
) -> tuple[ParameterValue | None, list[Unmet]]:
    """The value that is sent, None for no value, and what is to be said about it."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, Sequence):
        return _texts(name, value, honour)
    if isinstance(value, bool):
        return value, []
    if honour.default_below is not None and value < honour.default_below:
        return None, []
    only_first = [Unmet(name, Lapse.FIRST_QUESTION)] * honour.first_question
    sent, beyond = _within(name, value, honour)
    return sent, beyond or only_first


def _within(
    name: str, value: int | float, honour: Honour
) -> tuple[int | float | None, list[Unmet]]:
    if honour.least is not None and value < honour.least:
        limit, lapse = honour.least, (Lapse.RAISED, Lapse.TOO_LOW)[honour.strict]
    elif honour.most is not None and value > honour.most:
        limit, lapse = honour.most, (Lapse.LOWERED, Lapse.TOO_HIGH)[honour.strict]
    else:
        return value, []
    facts = {"limit": str(limit), "given": str(value)}
    return (None if honour.strict else limit), [Unmet(name, lapse, facts)]


def _texts(
    name: str, texts: Sequence[str], honour: Honour
) -> tuple[ParameterValue | None, list[Unmet]]:
    unmet = []
    told = [each for each in texts if each]
    if len(told) < len(texts):
        unmet.append(Unmet(name, Lapse.EMPTY_STOP))
    if honour.many is not None and len(told) > honour.many:
        unmet.append(Unmet(name, Lapse.TOO_MANY, {"limit": honour.many}))
    return told[: honour.many] or None, unmet
