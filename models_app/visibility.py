"""Who may use which model, as one list; nothing is changed here."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group

from models_app.models import Backend, LanguageModel, Preset
from models_app.services.restrictions import Access, kept_restrictions
from models_app.snapshot import name_key


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model by name, the servers that list it, and who may use it there."""

    model: str
    servers: tuple[str, ...]
    access: Access


def model_rows(
    *, search: str = "", server: int | None = None, restricted: bool = False
) -> list[ModelRow]:
    """Every model that is listed somewhere, or restricted, by name."""
    wanted, kept = name_key(search.strip()), kept_restrictions()
    found = _listed()
    for key, each in kept.items():
        found.setdefault(key, (each.model, {}))
    return [
        ModelRow(
            model,
            servers=tuple(servers.values()),
            access=kept[key].groups if key in kept else None,
        )
        for key, (model, servers) in sorted(found.items())
        if wanted in key
        and (server is None or server in servers)
        and (not restricted or key in kept)
    ]


def _listed() -> dict[str, tuple[str, dict[int, str]]]:
    """How the first server spells each model, and all servers that list it."""
    names = dict(Backend.objects.order_by("name").values_list("pk", "name"))
    rows = LanguageModel.objects.filter(listed=True, backend__in=names)
    found: dict[str, tuple[str, dict[int, str]]] = {}
    for model, pk in rows.order_by("name", "backend__name").values_list(
        "name", "backend"
    ):
        found.setdefault(name_key(model), (model, {}))[1][pk] = names[pk]
    return found


def kept_by(groups: Iterable[Group]) -> list[str]:
    """The servers and presets that these groups alone may use."""
    going = {group.pk for group in groups}
    return [
        f"{model._meta.verbose_name}: {row}"
        for model in (Backend, Preset)
        for row in model._default_manager.filter(groups__in=going).distinct()
        if {group.pk for group in row.groups.all()} <= going
    ]
