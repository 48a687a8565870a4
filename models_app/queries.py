"""What may be talked to, and by whom."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from dashboard.errors import ChatError, NothingChosen, NothingToAnswer
from models_app.adapters.base import ParameterValue
from models_app.modelfile.recipe import Recipe
from models_app.models import Backend, FoundServer
from models_app.resolve import window_of
from models_app.snapshot import OfferedPreset, Served, Snapshot, name_key, snapshot

PRESET, MODEL = "preset:", "model:"
NOTHING = Recipe()
"""What a bare model is told besides the conversation."""


@dataclass(frozen=True, slots=True)
class Target:
    """A preset or a bare model, as a conversation remembers it by `key`.

    `seen_at` is when its servers last listed it; `taking` is False while all that are up
    are drained; `waiting` is how many wait for a turn at the least busy one, where that
    is told.
    """

    key: str
    label: str
    model: str
    recipe: Recipe = NOTHING
    icon: str = ""
    is_default: bool = False
    context: int | None = None
    servers: tuple[str, ...] = ()
    up: bool = True
    taking: bool = True
    seen_at: datetime | None = None
    waiting: int | None = None

    @property
    def parameters(self) -> Mapping[str, ParameterValue]:
        return self.recipe.parameters

    @property
    def is_preset(self) -> bool:
        return self.key.startswith(PRESET)

    @property
    def preset(self) -> int | None:
        """Its number, where it is one."""
        return int(self.key.removeprefix(PRESET)) if self.is_preset else None


def targets_for(person: AbstractBaseUser) -> list[Target]:
    """What the person may choose: presets first, then models, by name."""
    seen = snapshot(person)
    return seen.made("targets", lambda: _targets(seen))


def _targets(seen: Snapshot) -> list[Target]:
    models = seen.models
    presets = ((each, models.get(each.key)) for each in seen.presets)
    return [
        *(_of_preset(preset, served) for preset, served in presets if served),
        *(_of_model(served) for _, served in sorted(models.items())),
    ]


def target_for(person: AbstractBaseUser, key: str) -> Target:
    """The person's target of that key; `NothingToAnswer` when there is none."""
    if not key:
        raise NothingChosen
    seen = snapshot(person)
    name = key.removeprefix(MODEL)
    if key.startswith(PRESET):
        preset = next((p for p in seen.presets if f"{PRESET}{p.pk}" == key), None)
        name = preset.name if preset else key
        if preset and (served := seen.models.get(preset.key)):
            return _of_preset(preset, served)
    elif served := seen.models.get(name_key(name)):
        return _of_model(served)
    raise NothingToAnswer(target=name)


def name_to_ask(target: Target, models: Container[str]) -> str:
    """By which a program asks for it, among models of these `name_key`s: a preset that has
    the name of one of them is asked for as a preset."""
    taken = target.is_preset and name_key(target.label) in models
    return f"{PRESET}{target.label}" if taken else target.label


def offered_key(person: AbstractBaseUser, key: str) -> str:
    """The key under which a person is offered a target now; "" for one that is gone.

    Another server may spell a model's name otherwise.
    """
    try:
        return target_for(person, key).key
    except ChatError:
        return ""


def first_target_for(person: AbstractBaseUser, *, but: str = "") -> Target | None:
    """What to propose: the default, or the first that answers, else the first at all."""
    targets = [each for each in targets_for(person) if each.key != but]
    ranked = sorted(
        targets, key=lambda each: (not each.up, not each.taking, not each.is_default)
    )
    return next(iter(ranked), None)


def only_the_starter(person: AbstractBaseUser) -> bool:
    """Whether all that the person can talk to is the small engine of `make up`."""
    starters = Backend.objects.filter(starter=True).values_list("pk", flat=True)
    used = {each.server.pk for each in snapshot(person).served}
    return used == set(starters) != set()


def server_at(base_url: str, *, besides: Backend) -> Backend | None:
    """Another server that is known by this address."""
    return Backend.objects.filter(base_url=base_url).exclude(pk=besides.pk).first()


def offered_servers() -> list[FoundServer]:
    return list(FoundServer.objects.filter(dismissed=False).order_by("base_url"))


def _of_model(served: Sequence[Served]) -> Target:
    name = served[0].model
    servers = [each.server for each in served]
    up = [each for each in servers if each.up]
    taking = [each for each in up if not each.draining]
    waiting = [each.waiting for each in taking]
    return Target(
        key=f"{MODEL}{name}",
        label=name,
        model=name,
        context=min((each.context for each in served if each.context), default=None),
        servers=tuple(each.name for each in servers),
        up=bool(up),
        taking=bool(taking),
        seen_at=max((each.seen_at for each in servers if each.seen_at), default=None),
        waiting=min((each for each in waiting if each is not None), default=None),
    )


def _of_preset(preset: OfferedPreset, served: Sequence[Served]) -> Target:
    return replace(
        _of_model(served),
        key=f"{PRESET}{preset.pk}",
        label=preset.name,
        recipe=preset.recipe,
        icon=preset.icon,
        is_default=preset.is_default,
        context=_context(preset.recipe, served),
    )


def _context(recipe: Recipe, served: Sequence[Served]) -> int | None:
    """What fits on whichever server answers; a preset widens it only where that is heeded."""
    rooms = (_room(each, window_of(recipe, each.server.kind)) for each in served)
    return min((each for each in rooms if each), default=None)


def _room(served: Served, window: int | None) -> int | None:
    """Loading caps a window to what the model was trained for."""
    if window is None:
        return served.context
    return min(window, served.trained or window)
