"""A larger window for a model: which would hold a prompt, whether it fits, how it is had.

A window that is offered was held against the card of its server, and is held against it
again when somebody takes the offer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import AbstractBaseUser

from models_app.abilities import reason_against
from models_app.adapters import ADAPTERS
from models_app.adapters.base import Can
from models_app.fit.estimate import STEP, largest_window
from models_app.model_fit import usual_plan
from models_app.model_loads import known_shape
from models_app.modelfile.recipe import Recipe
from models_app.models import Backend, LanguageModel
from models_app.resolve import window_of
from models_app.services.measurements import calibration
from models_app.snapshot import Served, name_key, snapshot

REPLY_SHARE = 4
"""One part in so many of a window is for the reply, as where prompts are made."""
LEAST_REPLY = 1024
"""Tokens that a reply has at the least."""
SHORTEST = 2048
WINDOW = "num_ctx"


class Way(StrEnum):
    """How one comes by a larger window: with the question, by a load, by a start of the
    server; or not at all."""

    ASK = "ask"
    LOAD = "load"
    START = "start"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Need:
    """Tokens that a window is wanted for: by a cautious count, which our own prompts are
    made by, and by the best guess."""

    cautious: int
    about: int

    @property
    def roomy(self) -> int:
        """A window that holds it by the cautious count, with a share for the reply."""
        return max(-(-self.cautious * REPLY_SHARE // (REPLY_SHARE - 1)), self.bare)

    @property
    def bare(self) -> int:
        """The shortest that holds it at all."""
        return self.about + max(LEAST_REPLY, self.about // REPLY_SHARE)


@dataclass(frozen=True, slots=True)
class Offer:
    """A window for one model of one server, and how it is had; `how` is a flag.

    Where none fits (`Way.NONE`), `window` is the largest that would. 0: nobody knows.
    """

    way: Way
    window: int
    model: int
    how: str = ""


def offer_for(model: LanguageModel, need: Need) -> Offer:
    """The smallest usual window that holds it, if it fits the server's card."""
    most = most_window(model)
    if most is None:
        return Offer(Way.UNKNOWN, 0, model.pk)
    window = usual_window_for(need, most)
    if window is None:
        return Offer(Way.NONE, most, model.pk)
    way, how = _way(model.backend)
    return Offer(way, window, model.pk, how)


def usual_window_for(need: Need, most: int) -> int | None:
    """A power of two where one fits, else the longest that does; None if that is too
    short."""
    for wanted in (need.roomy, need.bare):
        if (window := _power(wanted)) <= most:
            return window
    return most // STEP * STEP if need.bare <= most else None


def most_window(model: LanguageModel) -> int | None:
    """The longest that it can have there; None where that is not known."""
    plan, shape = usual_plan(model), known_shape(model).shape
    if not plan.hardware.is_known:
        return None
    most = largest_window(shape, plan.load, plan.hardware.machine, calibration())
    if most is None:
        return None
    return min(most, model.context or most)


def asks_for_windows(kind: str) -> bool:
    """Whether a kind of server takes a window with any question of a conversation."""
    wish = Recipe(parameters={WINDOW: SHORTEST})
    return kind in ADAPTERS and window_of(wish, kind) == SHORTEST


def server_with(person: AbstractBaseUser, model: str, window: int) -> int | None:
    """A server of the person's that can be asked for the model with this window: one
    that has it so first, then one that answers. None where there is none."""
    rows = sorted(_asked(person, model), key=lambda row: _rank(row, window))
    return next((row.backend_id for row in rows if _has_room(row, window)), None)


def larger_model_for(person: AbstractBaseUser, tokens: int) -> str:
    """Another model that reads so much as it is now; "" where there is none.

    Only what its servers say counts: what Ollama would load a model with is not known.
    """
    found = [
        (each.context or 0, each.model)
        for each in snapshot(person).served
        if each.server.up and _is_told(each) and (each.context or 0) >= tokens
    ]
    return min(found)[1] if found else ""


def _is_told(served: Served) -> bool:
    loads = Can.WINDOW in ADAPTERS[served.server.kind].can
    return not loads or served.context != served.trained


def _asked(person: AbstractBaseUser, model: str) -> Sequence[LanguageModel]:
    served = snapshot(person).models.get(name_key(model), [])
    theirs = {each.server.pk: each.model for each in served}
    kinds = [each.server.pk for each in served if asks_for_windows(each.server.kind)]
    rows = LanguageModel.objects.filter(backend__in=kinds, listed=True)
    return [
        row
        for row in rows.filter(name__in=theirs.values()).select_related("backend")
        if row.name == theirs[row.backend_id]
    ]


def _rank(row: LanguageModel, window: int) -> tuple[bool, bool, str]:
    return (not _is_loaded_so(row, window), not row.backend.up, row.backend.name)


def _is_loaded_so(row: LanguageModel, window: int) -> bool:
    return bool(row.loaded) and row.window == window


def _has_room(row: LanguageModel, window: int) -> bool:
    """Whether it is loaded so already, or the window fits the card."""
    return _is_loaded_so(row, window) or window <= (most_window(row) or 0)


def _way(backend: Backend) -> tuple[Way, str]:
    if asks_for_windows(backend.kind):
        return Way.ASK, ""
    if not reason_against(backend, Can.WINDOW):
        return Way.LOAD, ""
    kind = ADAPTERS.get(backend.kind)
    return Way.START, kind.at_start.get(WINDOW, "") if kind else ""


def _power(least: int) -> int:
    window = SHORTEST
    while window < least:
        window *= 2
    return window
