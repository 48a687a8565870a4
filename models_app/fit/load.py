"""How a model is to be loaded: on which kind of server, how long, for how many."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Engine(StrEnum):
    """The kinds of servers, named as the adapters name them."""

    OLLAMA = "ollama"
    LLAMACPP = "llamacpp"
    LMSTUDIO = "lmstudio"
    VLLM = "vllm"


class Cache(StrEnum):
    """How keys and values are kept."""

    F16 = "f16"
    FP8 = "fp8"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"


ELEMENT: Final[Mapping[Cache, float]] = MappingProxyType(
    {Cache.F16: 2.0, Cache.FP8: 1.0, Cache.Q8_0: 1.0625, Cache.Q4_0: 0.5625}
)
"""Bytes of one element; q8_0 and q4_0 are 34 and 18 bytes for every 32."""

LEAST_WINDOW: Final = 256
"""Tokens; nobody means a shorter window, and what a load of one takes tells nothing."""

GGUF_CACHES: Final = (Cache.F16, Cache.Q8_0, Cache.Q4_0)
VLLM_CACHES: Final = (Cache.F16, Cache.FP8)


class Mla(StrEnum):
    """What is kept of latent attention; it depends on server, version and file."""

    LATENT = "latent"
    BOTH = "both"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One wish: this quantization, so many tokens for each of so many at once.

    `mla` None means what the engine does today with the file at hand. `utilization`
    (vLLM) None means what the card's free memory allows, at most 0.90.
    """

    engine: Engine
    window: int
    quantization: str = "Q4_K_M"
    slots: int = 1
    cache: Cache = Cache.F16
    flash_attention: bool = True
    batch: int = 512
    extra: int = 0
    mla: Mla | None = None
    utilization: float | None = None

    def __post_init__(self) -> None:
        if self.window < 1 or self.slots < 1:
            raise ValueError("window and slots start at 1")
        if self.cache not in caches_of(self.engine):
            raise ValueError(f"{self.engine} keeps no {self.cache} cache")

    @property
    def kept(self) -> Cache:
        """The cache as it is really kept: quantized values need flash attention."""
        return self.cache if self.flash_attention else Cache.F16


def caches_of(engine: Engine) -> tuple[Cache, ...]:
    """The kinds of cache that an engine can keep, the largest first."""
    return VLLM_CACHES if engine == Engine.VLLM else GGUF_CACHES
