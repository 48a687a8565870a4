"""What there is, in Ollama's words: models on disk, models in memory, one model's details."""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Final

from dashboard.errors import FieldUnfit, ModelUnknown
from models_app.gateway.callers import Caller
from models_app.gateway.ollama.asking import speaks_ollama
from models_app.gateway.ollama.lines import stamp
from models_app.gateway.targets import listed_for, meant_by
from models_app.inventory import Wish, inventory_for, servers_for
from models_app.models import LanguageModel
from models_app.preset_queries import preset_for
from models_app.queries import Target
from models_app.snapshot import name_key

Told = dict[str, Any]

VERSION: Final = "0.33.0"
"""What a house without an Ollama says. Clients compare it with the first version that can do
what they want; the answers here are those of this one."""
NUMBERS: Final = re.compile(r"\d+(\.\d+)*")
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
STAYS: Final = "2318-01-01T00:00:00Z"
"""Ollama's way to say that a model stays in memory."""
NOBODY_KNOWS: Final = "unknown"


def version_for(caller: Caller) -> Told:
    """The newest Ollama of theirs, else the one whose dialect this is; and who says so.

    Builds that are no release call themselves 0.0.0.
    """
    told = [
        found.group()
        for each in servers_for(caller.person)
        if each.kind and speaks_ollama(each.kind)
        if (found := NUMBERS.match(each.version)) and any(_ordered(found.group()))
    ]
    return {"version": max(told, key=_ordered, default=VERSION), "server": "Paddock"}


def tags_for(caller: Caller) -> Told:
    """All that the caller may ask: presets, models, and what makes vectors only."""
    rows, chats = _rows(caller), listed_for(caller)
    known = {name_key(each.model) for _, each in chats}
    entries = [
        entry(name, rows[name_key(each.model)])
        for name, each in chats
        if name_key(each.model) in rows
    ]
    vectors = [
        entry(each.name, each)
        for key, each in rows.items()
        if key not in known and not each.chats and caller.may_use(key)
    ]
    return {"models": [*entries, *vectors]}


def loaded_for(caller: Caller) -> Told:
    """Their models in memory, once for each server that has it there."""
    rows = inventory_for(caller.person, Wish(loaded=True))
    return {"models": [loaded(each) for each in rows if caller.may_use(each.name)]}


def shown_for(caller: Caller, name: str) -> Told:
    """The details of one model or preset, as far as they are known here."""
    rows = _rows(caller)
    try:
        target = meant_by(caller, name)
    except (ModelUnknown, FieldUnfit):
        row = rows.get(name_key(name))
        if row is None or row.chats or not caller.may_use(name):
            raise
        return shown(row)
    row = rows.get(name_key(target.model))
    if row is None:
        raise ModelUnknown(model=name, param="model")
    return shown(row) | _of_preset(caller, target, row)


def entry(name: str, row: LanguageModel) -> Told:
    return {
        "name": name,
        "model": name,
        "modified_at": stamp(row.seen_at),
        "size": row.size or 0,
        "digest": digest_of(row),
        "details": details_of(row),
        "capabilities": capabilities_of(row),
    }


def loaded(row: LanguageModel) -> Told:
    size = row.memory or row.size or 0
    return {
        "name": row.name,
        "model": row.name,
        "size": size,
        "digest": digest_of(row),
        "details": details_of(row),
        "expires_at": stamp(row.unloads_at) if row.unloads_at else STAYS,
        "size_vram": size if row.card_memory is None else row.card_memory,
        "context_length": row.window or row.context or 0,
    }


def shown(row: LanguageModel) -> Told:
    family = row.family or NOBODY_KNOWS
    about: Told = {"general.architecture": family}
    if row.context:
        about[f"{family}.context_length"] = row.context
    return {
        "modelfile": f"FROM {row.name}\n",
        "details": details_of(row),
        "model_info": about,
        "capabilities": capabilities_of(row),
        "modified_at": stamp(row.seen_at),
    }


def details_of(row: LanguageModel) -> Told:
    told: Told = {
        "parent_model": "",
        "format": "",
        "family": row.family,
        "families": [row.family] if row.family else None,
        "parameter_size": row.parameters,
        "quantization_level": row.quantization,
    }
    return told | {"context_length": row.context} if row.context else told


def capabilities_of(row: LanguageModel) -> list[str]:
    """Servers that tell nothing of a model are taken to have it for replies."""
    told = sorted(row.capabilities)
    return told or (["completion"] if row.chats else ["embedding"])


def digest_of(row: LanguageModel) -> str:
    """Clients cut and compare it; of servers without one, what they tell stands in."""
    if DIGEST.fullmatch(row.mark):
        return row.mark
    told = f"{name_key(row.name)} {row.mark} {row.size}"
    return sha256(told.encode()).hexdigest()


def parameters_text(target: Target) -> str:
    """One on each line, a list on as many as it has texts; texts in quotes.

    By name: PostgreSQL keeps no order of its own.
    """
    return "\n".join(
        f"{name:<30} {value}"
        for name, given in sorted(target.parameters.items())
        for value in _values(given)
    )


def _of_preset(caller: Caller, target: Target, row: LanguageModel) -> Told:
    if target.preset is None:
        return {}
    recipe = target.recipe
    told = {
        "modelfile": preset_for(caller.person, target.preset).text,
        "parameters": parameters_text(target),
        "system": recipe.system,
        "messages": [{"role": role, "content": text} for role, text in recipe.messages],
    }
    details = details_of(row) | {"parent_model": target.model}
    return {name: value for name, value in told.items() if value} | {"details": details}


def _rows(caller: Caller) -> dict[str, LanguageModel]:
    """Each of the person's models, as the first server has it."""
    rows: dict[str, LanguageModel] = {}
    for each in inventory_for(caller.person, Wish()):
        rows.setdefault(name_key(each.name), each)
    return rows


def _ordered(version: str) -> list[int]:
    return [int(each) for each in version.split(".")]


def _values(given: Any) -> Iterator[str]:
    if isinstance(given, str):
        given = [given]
    if isinstance(given, bool):
        yield str(given).lower()
    elif isinstance(given, Iterable):
        for each in given:
            yield '"' + str(each).replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        yield str(given)
