"""The memory of what was read: keys and values of every token in the window."""

from models_app.fit.load import ELEMENT, Engine, Load, Mla
from models_app.fit.shape import Latent, Missing, Shape
from models_app.fit.sizes import up_to


def cache_bytes(shape: Shape, load: Load) -> int | Missing:
    """The cache for the whole window of every slot, or which input is missing."""
    per_layer = _elements_by_layer(shape, load)
    if isinstance(per_layer, Missing):
        return per_layer
    kept = sum(
        elements * _tokens(shape, load, layer)
        for layer, elements in enumerate(per_layer)
    )
    return round(kept * ELEMENT[load.kept] * load.slots)


def window_held(load: Load) -> int:
    """The window as the engine lays it out: llama.cpp in steps of 256, vLLM of 16."""
    return up_to(load.window, 16 if load.engine == Engine.VLLM else 256)


def mla_kept(latent: Latent, load: Load) -> Mla:
    """What is kept of latent attention.

    vLLM keeps the latent alone, llama.cpp too since January 2026, if the file tells
    its sizes; with an older file it keeps the whole of every head.
    """
    if load.mla is not None:
        return load.mla
    return Mla.LATENT if load.engine == Engine.VLLM or latent.aware else Mla.FULL


def _tokens(shape: Shape, load: Load, layer: int) -> int:
    held = window_held(load)
    if shape.sliding_window and shape.is_windowed(layer):
        return min(held, shape.sliding_window + load.batch)
    return held


def _elements_by_layer(shape: Shape, load: Load) -> tuple[int, ...] | Missing:
    if shape.latent is not None:
        return _latent_elements(shape, shape.latent, load)
    heads = shape.heads_by_layer
    if heads is None:
        return Missing.LAYERS if shape.layers is None else Missing.KV_HEADS
    if shape.key_length is None or shape.value_length is None:
        return Missing.HEAD_SIZE
    size = shape.key_length + shape.value_length
    return tuple(each * size for each in heads)


def _latent_elements(
    shape: Shape, latent: Latent, load: Load
) -> tuple[int, ...] | Missing:
    if shape.layers is None:
        return Missing.LAYERS
    elements = _latent_token(shape, latent, mla_kept(latent, load))
    return elements if isinstance(elements, Missing) else (elements,) * shape.layers


def _latent_token(shape: Shape, latent: Latent, kept: Mla) -> int | Missing:
    if kept == Mla.LATENT:
        return latent.rank + latent.rope
    if kept == Mla.BOTH:
        return 2 * latent.rank + latent.rope
    if shape.heads is None:
        return Missing.HEADS
    if latent.key is None or latent.value is None:
        return Missing.MLA
    return shape.heads * (latent.key + latent.value)
