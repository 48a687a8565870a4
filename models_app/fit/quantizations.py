"""How many bytes weights take in each quantization.

Block formats are exact. File types mix them; their bits are those of Llama 3.1 8B as
llama.cpp publishes them, and another model's differ by up to six per cent.
"""

from dataclasses import dataclass
from typing import Final

from models_app.fit.shape import Shape

BLOCKS: Final = {
    "F32": (1, 4),
    "F16": (1, 2),
    "BF16": (1, 2),
    "Q4_0": (32, 18),
    "Q4_1": (32, 20),
    "Q5_0": (32, 22),
    "Q5_1": (32, 24),
    "Q8_0": (32, 34),
    "Q2_K": (256, 84),
    "Q3_K": (256, 110),
    "Q4_K": (256, 144),
    "Q5_K": (256, 176),
    "Q6_K": (256, 210),
    "IQ4_NL": (32, 18),
    "IQ4_XS": (256, 136),
    "MXFP4": (32, 17),
    "NVFP4": (64, 36),
}
"""Of each tensor type: weights in a block, and bytes of that block."""

BITS: Final = {
    "F32": 32.0,
    "F16": 16.0,
    "BF16": 16.0,
    "Q8_0": 8.5,
    "Q6_K": 6.56,
    "Q5_K_M": 5.70,
    "Q5_K_S": 5.57,
    "Q5_0": 5.5,
    "Q4_K_M": 4.85,
    "Q4_K_S": 4.67,
    "Q4_0": 4.5,
    "IQ4_XS": 4.46,
    "Q3_K_L": 4.30,
    "Q3_K_M": 4.0,
    "Q3_K_S": 3.64,
    "Q2_K": 3.16,
    "MXFP4": 4.25,
}
"""Bits a weight of whole files."""

LINEAR_BITS: Final = {"AWQ": 4.15625, "FP8": 8.0}
"""Bits a weight of the linear layers; embedding and output stay in sixteen bits.

AWQ: four bits, and for every 128 weights a scale of sixteen and a zero of four.
"""

GGUF_LADDER: Final = ("F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M", "Q2_K")
VLLM_LADDER: Final = ("F16", "FP8", "AWQ")


@dataclass(frozen=True, slots=True)
class Weights:
    """The bytes of a model's weights; `exact` where a file or its tensors told them."""

    amount: int
    exact: bool


def weights_of(shape: Shape, quantization: str) -> Weights | None:
    """The weights in a quantization; None where neither file nor count is known."""
    known = shape.weights.get(quantization)
    if known is not None:
        return Weights(known, exact=True)
    if shape.parameters is None:
        return None
    if quantization in LINEAR_BITS:
        return _half_quantized(shape, shape.parameters, LINEAR_BITS[quantization])
    bits = BITS.get(quantization)
    if bits is None:
        return None
    return Weights(round(shape.parameters * bits / 8), exact=False)


def _half_quantized(shape: Shape, parameters: int, bits: float) -> Weights | None:
    if shape.vocabulary is None or shape.embedding is None or shape.tied is None:
        return None
    kept = shape.vocabulary * shape.embedding * (1 if shape.tied else 2)
    return Weights(round((parameters - kept) * bits / 8 + kept * 2), exact=False)
