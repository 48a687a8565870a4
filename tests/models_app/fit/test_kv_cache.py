"""The memory of keys and values."""

from dataclasses import replace

import pytest

from models_app.fit.kv_cache import cache_bytes, mla_kept
from models_app.fit.load import Cache, Engine, Mla
from models_app.fit.shape import Latent, Missing, Shape
from tests.models_app.fit.made import LITE, LLAMA_8B, load


def test_a_head_may_be_longer_than_the_embedding_divided_by_heads() -> None:
    shape = replace(LLAMA_8B, embedding=1024, key_length=128, value_length=128)

    assert cache_bytes(shape, load()) == cache_bytes(LLAMA_8B, load())


def test_layers_may_keep_different_heads_or_none() -> None:
    shape = replace(LLAMA_8B, layers=4, kv_heads=(8, 0, 4, 0))

    assert cache_bytes(shape, load(256)) == 12 * 256 * 256 * 2


def test_windowed_layers_keep_their_window_and_a_batch() -> None:
    windowed = (True,) * 16 + (False,) * 16
    shape = replace(LLAMA_8B, sliding_window=1024, windowed=windowed)

    tokens = 16 * (1024 + 512) + 16 * 32768
    assert cache_bytes(shape, load(32768)) == tokens * 8 * 256 * 2


def test_a_window_shorter_than_the_sliding_one_is_kept_whole() -> None:
    shape = replace(LLAMA_8B, sliding_window=4096, windowed=(True,) * 32)

    assert cache_bytes(shape, load(2048)) == cache_bytes(LLAMA_8B, load(2048))


def test_every_slot_has_a_window_of_its_own() -> None:
    one = cache_bytes(LLAMA_8B, load())

    assert cache_bytes(LLAMA_8B, load(slots=4)) == 4 * one


def test_a_window_is_laid_out_in_steps_of_256() -> None:
    assert cache_bytes(LLAMA_8B, load(8000)) == cache_bytes(LLAMA_8B, load(8192))
    assert cache_bytes(LLAMA_8B, load(8193)) == cache_bytes(LLAMA_8B, load(8448))


def test_a_quantized_cache_needs_flash_attention() -> None:
    wish = load(cache=Cache.Q8_0, flash_attention=False)

    assert cache_bytes(LLAMA_8B, wish) == cache_bytes(LLAMA_8B, load())


@pytest.mark.parametrize(
    ("engine", "aware", "kept"),
    [
        (Engine.VLLM, False, Mla.LATENT),
        (Engine.OLLAMA, True, Mla.LATENT),
        (Engine.LLAMACPP, False, Mla.FULL),
    ],
)
def test_what_is_kept_of_latents_hangs_on_engine_and_file(
    engine: Engine, aware: bool, kept: Mla
) -> None:
    latent = Latent(rank=512, rope=64, aware=aware)

    assert mla_kept(latent, load(engine=engine)) == kept


@pytest.mark.parametrize(
    ("mla", "elements"),
    [(Mla.LATENT, 576), (Mla.BOTH, 1088), (Mla.FULL, 16 * 320)],
)
def test_the_three_ways_to_keep_latents(mla: Mla, elements: int) -> None:
    assert cache_bytes(LITE, load(256, mla=mla)) == 27 * elements * 256 * 2


@pytest.mark.parametrize(
    ("shape", "missing"),
    [
        (Shape(), Missing.LAYERS),
        (Shape(layers=2), Missing.KV_HEADS),
        (Shape(layers=2, kv_heads=2), Missing.HEAD_SIZE),
        (Shape(latent=Latent(rank=512, rope=64)), Missing.LAYERS),
        (Shape(layers=2, latent=Latent(rank=512, rope=64)), Missing.HEADS),
        (Shape(layers=2, heads=2, latent=Latent(rank=5, rope=6)), Missing.MLA),
    ],
)
def test_what_is_missing_is_named(shape: Shape, missing: Missing) -> None:
    assert cache_bytes(shape, load()) == missing
