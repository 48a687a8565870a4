"""Keeping the shapes that servers tell of their models, each asked for once."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models_app.adapters.base import ModelFacts
from models_app.models import LanguageModel, ModelShape
from models_app.services.language_models import offered
from models_app.snapshot import name_key


@dataclass(frozen=True, slots=True)
class ToldShape:
    """What a server told of the shape of one content of a model."""

    name: str
    mark: str
    told: Mapping[str, Any]


def model_without_shape(models: Sequence[ModelFacts]) -> ModelFacts | None:
    """One of these whose content nobody has told the shape of; None when there is none.

    Not always the same: one that its server cannot tell of holds up no other.
    """
    marked = [each for each in offered(models).values() if each.mark]
    kept = ModelShape.objects.filter(mark__in={each.mark for each in marked})
    known = set(kept.values_list("key", "mark"))
    unknown = [each for each in marked if (name_key(each.name), each.mark) not in known]
    return random.choice(unknown) if unknown else None  # noqa: S311 # no secret


def keep_shape(shape: ToldShape) -> None:
    """Keep it, and let go of those of contents that no server has under this name."""
    key = name_key(shape.name)
    ModelShape.objects.get_or_create(
        key=key, mark=shape.mark, defaults={"told": dict(shape.told)}
    )
    others = ModelShape.objects.filter(key=key).exclude(mark=shape.mark)
    kept = LanguageModel.objects.filter(mark__in=others.values("mark"))
    others.exclude(mark__in=kept.values("mark")).delete()
