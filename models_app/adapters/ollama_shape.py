"""What a model's size in memory follows from, out of Ollama's `/api/show`."""

import re
from collections.abc import Mapping
from typing import Any

from models_app.adapters.shapes import object_at, objects_at

GENERAL = frozenset(
    {"general.architecture", "general.parameter_count", "general.file_type"}
)
OF_ARCHITECTURE = (
    "block_count",
    "context_length",
    "embedding_length",
    "attention.head_count",
    "attention.head_count_kv",
    "attention.key_length",
    "attention.value_length",
    "attention.key_length_mla",
    "attention.value_length_mla",
    "attention.kv_lora_rank",
    "rope.dimension_count",
    "expert_count",
    "expert_used_count",
    "vocab_size",
)
FAMILIES = ("attention.sliding_window", "ssm.")
"""All that begins so: the window has a pattern beside it."""
OF_TENSOR = ("name", "type", "shape")
WEIGHTS = re.compile(r"^FROM\s+\S*sha256[-:]([0-9a-f]{64})", re.MULTILINE)
"""The file that a model's process is started with, in its Modelfile."""
OF_DETAILS = ("quantization_level", "parameter_size")


def shape_in(told: dict[str, Any]) -> Mapping[str, Any]:
    """`model_info`, `tensors`, `details` and `projector_info` without all else, and as
    `blob` the digest of the file that holds its weights.

    A list is None in `model_info`: Ollama tells those only with the whole vocabulary.
    """
    return {
        "model_info": _about(object_at(told, "model_info")),
        "tensors": [
            {name: each.get(name) for name in OF_TENSOR}
            for each in objects_at(told, "tensors")
        ],
        "details": {
            name: value
            for name, value in object_at(told, "details").items()
            if name in OF_DETAILS
        },
        "projector_info": {
            name: value
            for name, value in object_at(told, "projector_info").items()
            if isinstance(value, int | float | str)
        },
        "parameters": str(told.get("parameters") or ""),
        "blob": _blob(told),
    }


def _blob(told: dict[str, Any]) -> str:
    found = WEIGHTS.search(str(told.get("modelfile") or ""))
    return found[1] if found else ""


def _about(model_info: dict[str, Any]) -> dict[str, Any]:
    prefix = f"{model_info.get('general.architecture')}."
    return {
        name: value
        for name, value in model_info.items()
        if name in GENERAL
        or (name.startswith(prefix) and _matters(name.removeprefix(prefix)))
    }


def _matters(name: str) -> bool:
    return name in OF_ARCHITECTURE or name.startswith(FAMILIES)
