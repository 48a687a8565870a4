"""Shapes, loads and machines as the tests of estimates want them."""

from dataclasses import replace
from typing import Any

from models_app.fit.load import Engine, Load
from models_app.fit.machine import Card, Machine
from models_app.fit.shape import Latent, Shape
from models_app.fit.sizes import GIB

LLAMA_8B = Shape(
    mark="sha256:1",
    architecture="llama",
    layers=32,
    kv_heads=8,
    key_length=128,
    value_length=128,
    heads=32,
    embedding=4096,
    feed_forward=14336,
    vocabulary=128256,
    parameters=8_030_261_248,
    tied=False,
    trained_context=131072,
    weights={"Q4_K_M": 4_912_898_304, "Q8_0": 8_533_000_000},
)

LITE = replace(
    LLAMA_8B,
    mark="sha256:2",
    architecture="deepseek2",
    layers=27,
    kv_heads=16,
    key_length=192,
    value_length=128,
    heads=16,
    embedding=2048,
    feed_forward=10944,
    vocabulary=102400,
    latent=Latent(rank=512, rope=64, key=192, value=128, aware=True),
    parameters=15_706_484_224,
    weights={"Q4_K_M": 10_360_000_000},
)


def load(window: int = 8192, **changes: Any) -> Load:
    return replace(Load(engine=Engine.OLLAMA, window=window), **changes)


def card(gib: float, **changes: Any) -> Card:
    """A card of which all but half a GiB may be used."""
    return replace(Card(name="card", total=round(gib * GIB)), **changes)


def machine(*gib: float, ram: float | None = None) -> Machine:
    cards = tuple(card(each) for each in gib)
    return Machine(cards=cards, ram=None if ram is None else round(ram * GIB))
