"""A preset that says all that a Modelfile can say, for every kind of server."""

from models_app.modelfile.convert import convert
from models_app.modelfile.parse import parse
from models_app.modelfile.recipe import Recipe

PARAMETERS = """\
PARAMETER temperature 0.5
PARAMETER top_p 0.9
PARAMETER top_k 40
PARAMETER min_p 0.05
PARAMETER typical_p 0.95
PARAMETER repeat_penalty 1.1
PARAMETER repeat_last_n 64
PARAMETER presence_penalty 0.25
PARAMETER frequency_penalty 0.125
PARAMETER stop "END"
PARAMETER stop "USER:"
PARAMETER seed 7
PARAMETER num_predict 8
PARAMETER num_ctx 4096
PARAMETER num_keep 4
PARAMETER num_batch 256
PARAMETER num_gpu 20
PARAMETER main_gpu 0
PARAMETER num_thread 2
PARAMETER use_mmap true
PARAMETER draft_num_predict 3
"""
TEXTS = """\
FROM tiny
SYSTEM You are brief.
TEMPLATE {{ .Prompt }}
ADAPTER ./lora.gguf
DRAFT ./draft.gguf
LICENSE MIT
RENDERER qwen3
PARSER qwen3
REQUIRES 0.14.0
MESSAGE user Is Oslo in Norway?
MESSAGE assistant Yes.
"""


def understood(text: str) -> Recipe:
    """A Modelfile that is meant to be right."""
    parsed = parse(text)
    converted = convert(parsed.commands)
    assert (parsed.errors, converted.errors) == ((), ())
    return converted.recipe


EVERYTHING = understood(TEXTS + PARAMETERS)
