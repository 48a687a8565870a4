"""What may be talked to, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser

from dashboard.errors import NothingToAnswer
from models_app.adapters.base import ParameterValue
from models_app.models import Backend, FoundServer, LanguageModel, Preset

PRESET, MODEL = "preset:", "model:"


@dataclass(frozen=True, slots=True)
class Target:
    """A preset or a bare model, as a conversation remembers it by `key`."""

    key: str
    label: str
    model: str
    system: str = ""
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    context: int | None = None
    servers: tuple[str, ...] = ()
    up: bool = True

    @property
    def is_preset(self) -> bool:
        return self.key.startswith(PRESET)


def targets_for(person: AbstractBaseUser) -> list[Target]:
    """What the person may choose: presets first, then models, by name."""
    models = _models_for(person)
    presets = Preset.objects.usable_by(person).order_by("name")
    return [
        *(
            _of_preset(each, models[each.model])
            for each in presets
            if each.model in models
        ),
        *(_of_model(rows) for _, rows in sorted(models.items())),
    ]


def target_for(person: AbstractBaseUser, key: str) -> Target:
    """The person's target of that key; `NothingToAnswer` when there is none."""
    name = key.removeprefix(MODEL)
    if key.startswith(PRESET):
        preset = _preset(person, key)
        rows = _rows_of(person, preset.model) if preset else []
        if preset and rows:
            return _of_preset(preset, rows)
        name = preset.name if preset else key
    elif rows := _rows_of(person, name):
        return _of_model(rows)
    raise NothingToAnswer(target=name)


def first_target_for(person: AbstractBaseUser) -> Target | None:
    """What to propose: the first that answers, else the first at all."""
    targets = targets_for(person)
    return next((each for each in targets if each.up), next(iter(targets), None))


def only_the_starter(person: AbstractBaseUser) -> bool:
    """Whether all that the person can talk to is the small engine of `make up`."""
    kinds = Backend.objects.usable_by(person).values_list("starter", flat=True)
    return set(kinds) == {True}


def offered_servers() -> list[FoundServer]:
    return list(FoundServer.objects.filter(dismissed=False).order_by("base_url"))


def _preset(person: AbstractBaseUser, key: str) -> Preset | None:
    pk = key.removeprefix(PRESET)
    return (
        Preset.objects.usable_by(person).filter(pk=pk).first() if pk.isdigit() else None
    )


def _models_for(person: AbstractBaseUser) -> dict[str, list[LanguageModel]]:
    rows = LanguageModel.objects.usable_by(person).select_related("backend")
    found: dict[str, list[LanguageModel]] = {}
    for row in rows.order_by("backend__name"):
        found.setdefault(row.name, []).append(row)
    return found


def _rows_of(person: AbstractBaseUser, model: str) -> list[LanguageModel]:
    rows = LanguageModel.objects.usable_by(person).select_related("backend")
    return list(rows.filter(name=model).order_by("backend__name"))


def _of_model(rows: list[LanguageModel]) -> Target:
    return Target(
        key=f"{MODEL}{rows[0].name}",
        label=rows[0].name,
        model=rows[0].name,
        context=min((row.context for row in rows if row.context), default=None),
        servers=tuple(row.backend.name for row in rows),
        up=any(row.backend.up for row in rows),
    )


def _of_preset(preset: Preset, rows: list[LanguageModel]) -> Target:
    model = _of_model(rows)
    return Target(
        key=f"{PRESET}{preset.pk}",
        label=preset.name,
        model=preset.model,
        system=preset.system,
        parameters=preset.parameters,
        context=preset.parameters.get("num_ctx", model.context),
        servers=model.servers,
        up=model.up,
    )
