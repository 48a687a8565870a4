"""The worked table: needs of known models at four windows, in GiB."""

from dataclasses import replace

import pytest

from models_app.catalogue.builtin import builtin_entries
from models_app.catalogue.entry import shape_of
from models_app.fit.estimate import fit
from models_app.fit.kv_cache import cache_bytes
from models_app.fit.load import Cache, Mla
from models_app.fit.parts import counted
from models_app.fit.shape import Latent, Shape
from models_app.fit.sizes import GIB, MIB
from tests.models_app.fit.made import LITE, load, machine

WINDOWS = (4096, 8192, 32768, 131072)
TABLE = {
    "llama-3.1-8b": "5.8/5.5 6.3/5.8 9.3/7.4 21.3/13.8",
    "qwen2.5-7b": "5.3/5.2 5.5/5.3 6.8/6.0 12.1/8.8",
    "qwen2.5-14b": "9.9/9.5 10.6/9.9 15.1/12.3 33.1/21.9",
    "llama-3.1-70b": "41.5/41.0 42.8/41.6 50.3/45.6 80.3/61.5",
    "yi-1.5-34b": "20.8/20.3 21.7/20.8 27.3/23.8 49.8/35.8",
    "phi-3-mini-128k": "4.2/3.5 5.7/4.3 14.7/9.1 50.7/28.2",
    "mistral-7b-v0.3": "5.1/4.9 5.6/5.1 8.6/6.7 20.6/13.1",
    "codellama-34b": "20.1/19.8 20.9/20.2 25.4/22.5 43.4/32.1",
}
LATENT_TABLE = {
    (Mla.LATENT, Cache.F16): (10.4, 10.5, 11.2, 14.1),
    (Mla.LATENT, Cache.Q8_0): (10.4, 10.4, 10.8, 12.3),
    (Mla.BOTH, Cache.F16): (10.5, 10.7, 12.1, 17.5),
    (Mla.FULL, Cache.F16): (11.3, 12.4, 18.7, 44.0),
}
CELLS = [
    (slug, window, cache, float(told))
    for slug, row in TABLE.items()
    for window, cell in zip(WINDOWS, row.split(), strict=True)
    for cache, told in zip((Cache.F16, Cache.Q8_0), cell.split("/"), strict=True)
]
LATENT_CELLS = [
    (mla, cache, window, told)
    for (mla, cache), row in LATENT_TABLE.items()
    for window, told in zip(WINDOWS, row, strict=True)
]
ENTRIES = {each.slug: each for each in builtin_entries()}
BIG = machine(1000)


@pytest.mark.parametrize(("slug", "window", "cache", "told"), CELLS)
def test_every_cell_is_what_the_estimate_says(
    slug: str, window: int, cache: Cache, told: float
) -> None:
    answer = fit(shape_of(ENTRIES[slug]), load(window, cache=cache), BIG)

    assert answer.need is not None
    assert answer.need / GIB == pytest.approx(told, rel=0.015)


@pytest.mark.parametrize(("mla", "cache", "window", "told"), LATENT_CELLS)
def test_every_cell_of_latent_attention_is_too(
    mla: Mla, cache: Cache, window: int, told: float
) -> None:
    shape = shape_of(ENTRIES["deepseek-coder-v2-lite"])

    answer = fit(shape, load(window, cache=cache, mla=mla), BIG)

    assert answer.need is not None
    assert answer.need / GIB == pytest.approx(told, rel=0.015)


@pytest.mark.parametrize(
    ("slug", "kib", "mib"),
    [
        ("llama-3.1-8b", 128, 258),
        ("qwen2.5-7b", 56, 304),
        ("qwen2.5-14b", 192, 307),
        ("deepseek-coder-v2-lite", 270, 204),
        ("llama-3.1-70b", 320, 266),
        ("yi-1.5-34b", 240, 139),
        ("phi-3-mini-4k", 384, 69),
        ("mistral-7b-v0.3", 128, 72),
        ("codellama-34b", 192, 78),
    ],
)
def test_a_token_and_the_buffer_weigh_what_the_table_says(
    slug: str, kib: float, mib: float
) -> None:
    shape = shape_of(ENTRIES[slug])

    parts = counted(shape, load(256), BIG, 1).parts

    assert (parts.cache or 0) / 256 / 1024 == pytest.approx(kib, rel=0.005)
    assert (parts.compute or 0) / MIB == pytest.approx(mib, rel=0.01)


R1 = Shape(layers=61, heads=128, latent=Latent(rank=512, rope=64, aware=True))


@pytest.mark.parametrize(("cache", "mib"), [(Cache.Q8_0, 1166.62), (Cache.F16, 2196.0)])
def test_a_latent_cache_is_what_llamacpp_logs(cache: Cache, mib: float) -> None:
    kept = cache_bytes(R1, load(32768, cache=cache))

    assert kept / MIB == pytest.approx(mib, abs=0.05)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("slug", "quantization", "gb"),
    [
        ("llama-3.1-8b", "Q4_K_M", 4.91),
        ("llama-3.1-8b", "Q8_0", 8.53),
        ("llama-3.1-8b", "F16", 16.06),
        ("llama-3.1-8b", "Q5_K_M", 5.73),
        ("llama-3.1-70b", "Q4_K_M", 42.51),
        ("llama-3.1-70b", "Q8_0", 74.97),
        ("qwen2.5-7b", "Q4_K_M", 4.68),
        ("qwen2.5-14b", "Q8_0", 15.70),
        ("deepseek-coder-v2-lite", "Q4_K_M", 10.36),
        ("yi-1.5-34b", "Q4_K_M", 20.66),
        ("codellama-34b", "Q8_0", 35.86),
        ("phi-3-mini-4k", "Q4_K_M", 2.39),
        ("mistral-7b-v0.3", "Q4_K_M", 4.37),
    ],
)
def test_a_file_is_as_large_as_published(
    slug: str, quantization: str, gb: float
) -> None:
    weights = shape_of(ENTRIES[slug]).weights

    assert weights[quantization] / 1e9 == pytest.approx(gb, abs=0.011)


@pytest.mark.parametrize(("quantization", "gb"), [("AWQ", 5.7), ("FP8", 9.1)])
def test_what_vllm_loads_of_an_eight_billion_model_is_as_published(
    quantization: str, gb: float
) -> None:
    wish = load(engine="vllm", quantization=quantization)

    parts = counted(shape_of(ENTRIES["llama-3.1-8b"]), wish, machine(24), 1).parts

    assert (parts.weights or 0) / 1e9 == pytest.approx(gb, abs=0.05)


def test_a_file_without_latent_sizes_costs_nine_times_the_cache() -> None:
    assert LITE.latent is not None
    old = replace(LITE, latent=replace(LITE.latent, aware=False))

    ratio = cache_bytes(old, load()) / cache_bytes(LITE, load())  # type: ignore[operator]

    assert ratio == pytest.approx(270 / 30.4, rel=0.01)
