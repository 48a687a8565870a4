"""A model that is there, as estimates take it: its shape, and how it is loaded."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from models_app.catalogue.entry import Entry, shape_of
from models_app.catalogue.match import matched
from models_app.catalogue_entries import entries
from models_app.fit.load import Engine
from models_app.fit.shape import Shape
from models_app.models import Backend, LanguageModel
from models_app.services.measurements import shape_for, weighed

PLAIN_WINDOW: Final = 8192
"""What is reckoned with for a model that is not loaded."""
NAMED: Final = re.compile(r"[-_.](awq|fp8|gptq|int8|int4|nvfp4|mxfp4)\b", re.IGNORECASE)


class Origin(StrEnum):
    """Who told a model's shape."""

    SERVER = "server"
    CATALOGUE = "catalogue"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Known:
    """The shape of a model that is there, who told it, and its entry, if it has one."""

    shape: Shape
    origin: Origin
    entry: Entry | None = None


def known_shape(model: LanguageModel) -> Known:
    """What its server told; else that of the catalogue's model of this name; else none.

    The size of the file stands in for weights that nobody told.
    """
    entry = matched(model.name, entries())
    told = shape_for(model)
    if told is not None and told.layers is not None:
        return Known(told, Origin.SERVER, entry)
    if entry is not None:
        shape = replace(shape_of(entry), mark=model.mark)
        return Known(weighed(shape, model), Origin.CATALOGUE, entry)
    return Known(weighed(Shape(), model), Origin.NOBODY)


def engine_of(backend: Backend) -> Engine:
    """The kind of server that reckons as this one does; most build on llama.cpp."""
    known = {str(each): each for each in Engine}
    return known.get(backend.kind, Engine.LLAMACPP)


def quantization_of(model: LanguageModel, backend: Backend) -> str:
    """As its server tells it; vLLM does not, but names of repositories do."""
    if model.quantization or engine_of(backend) != Engine.VLLM:
        return model.quantization
    named = NAMED.search(model.name)
    return named[1].upper() if named else "F16"


def usual_window(model: LanguageModel) -> int:
    """The window that it has, or one that is of use to a conversation."""
    trained = model.context or PLAIN_WINDOW
    return model.window or min(trained, PLAIN_WINDOW)
