"""What LM Studio's native chat is asked. Pure: a request in, JSON out."""

from collections.abc import Mapping
from typing import Any

from models_app.adapters.base import ChatRequest, Honour, Think
from models_app.adapters.honours import LARGEST_COUNT, LARGEST_SEED, SMALL, heed
from models_app.adapters.manners import LIMIT as OPENAI_LIMIT
from models_app.adapters.openai_body import schema_format

LIMIT = "max_output_tokens"
BOTH = {
    "temperature": Honour(("temperature",), 0),
    "top_p": Honour(("top_p",), 0, 1),
    "top_k": Honour(("top_k",), 1, LARGEST_COUNT, strict=True),
    "min_p": Honour(("min_p",), 0, 1),
    "repeat_penalty": Honour(("repeat_penalty",), SMALL, strict=True),
}
NATIVE: Mapping[str, Honour] = {
    **BOTH,
    "num_predict": Honour((LIMIT,), 1, LARGEST_COUNT, default_below=0),
    "num_ctx": Honour(
        ("context_length",), 1, LARGEST_COUNT, strict=True, first_question=True
    ),
}
"""Of the native chat."""
AS_OPENAI: Mapping[str, Honour] = {
    **BOTH,
    "num_predict": Honour((OPENAI_LIMIT,), 1, LARGEST_COUNT, default_below=0),
    "seed": Honour(("seed",), most=LARGEST_SEED, strict=True, default_below=0),
    "stop": Honour(("stop",)),
    "presence_penalty": Honour(("presence_penalty",), -2, 2),
    "frequency_penalty": Honour(("frequency_penalty",), -2, 2),
}
"""Of the chat in OpenAI's dialect."""
ANY_OBJECT: Mapping[str, Any] = schema_format({"type": "object"})
"""It takes schemas alone."""


def fits_native(request: ChatRequest) -> bool:
    """Whether it is one plain question, with nothing that only the other API takes."""
    *before, last = request.messages
    plain = last.role == "user" and not last.images
    alone = all(each.role == "system" for each in before)
    lost = AS_OPENAI.keys() - NATIVE.keys()
    more = request.tools or request.format
    return plain and alone and not more and not lost & {*request.parameters}


def native_body(request: ChatRequest) -> dict[str, Any]:
    """`store` off: the server must not keep what people say."""
    *before, last = request.messages
    system = "\n\n".join(each.text for each in before)
    return {
        **heed(request.parameters, NATIVE).fields,
        **({"system_prompt": system} if system else {}),
        **_reasoning(request.think),
        "model": request.model,
        "input": last.text,
        "stream": True,
        "store": False,
    }


def _reasoning(wanted: Think | None) -> dict[str, str]:
    """Not to think is what it refuses for a model that cannot: such a wish is not sent."""
    if not wanted:
        return {}
    return {"reasoning": wanted if isinstance(wanted, str) else "on"}
