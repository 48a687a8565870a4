"""What LM Studio's native chat is asked. Pure: a request in, JSON out."""

from typing import Any

from models_app.adapters.base import ChatRequest

LIMIT = "max_output_tokens"
NATIVE_NAMES = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "min_p": "min_p",
    "repeat_penalty": "repeat_penalty",
    "num_predict": LIMIT,
    "num_ctx": "context_length",
}


def fits_native(request: ChatRequest) -> bool:
    """Whether it is one plain question, with nothing that only the other API takes."""
    *before, last = request.messages
    plain = last.role == "user" and not last.images
    alone = all(each.role == "system" for each in before)
    return (
        plain
        and alone
        and not request.tools
        and NATIVE_NAMES.keys() >= {*request.parameters}
    )


def native_body(request: ChatRequest) -> dict[str, Any]:
    """`store` off: the server must not keep what people say."""
    *before, last = request.messages
    parameters = {
        NATIVE_NAMES[name]: value
        for name, value in request.parameters.items()
        if value != -1
    }
    system = "\n\n".join(each.text for each in before)
    return {
        **parameters,
        **({"system_prompt": system} if system else {}),
        "model": request.model,
        "input": last.text,
        "stream": True,
        "store": False,
    }
