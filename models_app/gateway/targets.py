"""Which model or preset a program means by a name."""

from dashboard.errors import FieldUnfit, ModelUnknown
from models_app.gateway.callers import Caller
from models_app.queries import (
    MODEL,
    PRESET,
    Target,
    name_to_ask,
    target_for,
    targets_for,
)
from models_app.snapshot import name_key, snapshot


def meant_by(caller: Caller, name: str) -> Target:
    """The caller's model of this name, else their preset; or `ModelUnknown`, or
    `FieldUnfit` for one that makes vectors only.

    With "preset:" before it, a preset is meant that has the name of a model.
    """
    caller.check_model(name.removeprefix(PRESET))
    seen = snapshot(caller.person)
    if name_key(name) in seen.models:
        return target_for(caller.person, f"{MODEL}{name}")
    wanted = name.removeprefix(PRESET)
    alike = [
        each
        for each in seen.presets
        if name_key(each.name) == name_key(wanted) and each.key in seen.models
    ]
    if alike:
        # Two presets may differ in ":latest" alone.
        best = max(alike, key=lambda each: each.name.casefold() == wanted.casefold())
        return target_for(caller.person, f"{PRESET}{best.pk}")
    if name_key(name) in seen.embedders:
        raise FieldUnfit(
            param="model", detail=f"{name} makes vectors, and answers nothing"
        )
    raise ModelUnknown(model=name, param="model")


def model_meant_by(caller: Caller, name: str) -> str:
    """The same where a preset has no meaning: a bare model, as it is listed."""
    target = meant_by(caller, name)
    if target.is_preset:
        detail = f"a preset answers chats only; ask its model, {target.model}"
        raise FieldUnfit(param="model", detail=detail)
    return target.model


def embedder_meant_by(caller: Caller, name: str) -> str:
    """A model that may make vectors; what `model_meant_by` raises for any other name."""
    caller.check_model(name)
    found = snapshot(caller.person).embedders.get(name_key(name))
    return found[0].model if found else model_meant_by(caller, name)


def listed_for(caller: Caller) -> list[tuple[str, Target]]:
    """What the caller may ask, each with the name to ask it by: presets, then models."""
    models = snapshot(caller.person).models
    return [
        (name_to_ask(each, models), each)
        for each in targets_for(caller.person)
        if caller.may_use(each.label)
    ]
