"""Turns a GGUF file into a folder that vLLM serves; run with vLLM's own Python."""

import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

source, target = Path(sys.argv[1]), sys.argv[2]
named = {"pretrained_model_name_or_path": source.parent, "gguf_file": source.name}
model = AutoModelForCausalLM.from_pretrained(
    **named, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
)
# It is plain bfloat16 now; transformers would save that it came out of a GGUF.
model.config.__dict__.pop("quantization_config", None)
model.hf_quantizer, model.is_quantized = None, False
model.save_pretrained(target)
AutoTokenizer.from_pretrained(**named).save_pretrained(target)
