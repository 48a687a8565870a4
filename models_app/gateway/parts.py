"""What a member's messages may hold: text, and pictures and sound that are in the request.

By what is known, not by what is forbidden: servers fetch addresses that stand in parts, and
some read the names of fields without regard to case.
"""

from collections.abc import Mapping
from typing import Any, Final

from dashboard.errors import FieldUnfit

DATA: Final = "data:"
EVERY: Final = frozenset(["type", "cache_control"])
PARTS: Final[Mapping[str, frozenset[str]]] = {
    "text": frozenset(["text"]),
    "refusal": frozenset(["refusal"]),
    "image_url": frozenset(["image_url"]),
    "input_audio": frozenset(["input_audio"]),
    "input_text": frozenset(["text"]),
    "output_text": frozenset(["text", "annotations", "logprobs"]),
    "summary_text": frozenset(["text"]),
    "reasoning_text": frozenset(["text"]),
    "input_image": frozenset(["image_url", "detail"]),
}
"""The parts of messages, each with its fields."""
PICTURE: Final = frozenset(["url", "detail"])
SOUND: Final = frozenset(["data", "format"])
ITEMS: Final = frozenset(
    [
        "message",
        "reasoning",
        "function_call",
        "function_call_output",
        "custom_tool_call",
        "custom_tool_call_output",
    ]
)
"""What the input of a response may be made of; all else has a server do or fetch things."""
TOOLS: Final = frozenset(["function", "custom"])
"""Tools that the program runs itself; servers run others, some by calling addresses."""
SPOKEN: Final = ("content", "output", "summary")


def check_messages(messages: list[Any], *, param: str) -> None:
    """`FieldUnfit` for the first part that is not known, or not in the request itself."""
    for each in messages:
        if isinstance(each, dict):
            if each.get("type", "message") not in ITEMS:
                _refuse(param, f"“{each['type']}” cannot be sent")
            for name in SPOKEN:
                _check_parts(each.get(name), param=param)


def has_pictures(messages: Any) -> bool:
    """Whether something is shown to the model."""
    if not isinstance(messages, list):
        return False
    spoken = (
        each.get(name) for each in messages if isinstance(each, dict) for name in SPOKEN
    )
    return any(
        isinstance(part, dict) and part.get("image_url")
        for parts in spoken
        if isinstance(parts, list)
        for part in parts
    )


def check_tools(tools: Any) -> None:
    """`FieldUnfit` for tools that a server would run."""
    for each in tools if isinstance(tools, list) else ():
        kind = each.get("type", "function") if isinstance(each, dict) else None
        if kind not in TOOLS:
            _refuse("tools", f"“{kind}” is run by a server; only functions can be sent")


def _check_parts(parts: Any, *, param: str) -> None:
    for each in parts if isinstance(parts, list) else ():
        if isinstance(each, dict):
            _check_part(each, param=param)


def _check_part(part: Mapping[str, Any], *, param: str) -> None:
    kind = part.get("type")
    known = PARTS.get(kind) if isinstance(kind, str) else None
    if known is None:
        _refuse(param, f"parts of the type “{kind}” cannot be sent")
    elif odd := part.keys() - known - EVERY:
        _refuse(param, f"a part of the type “{kind}” has no “{min(odd)}”")
    if "image_url" in part:
        _check_picture(part["image_url"], param=param)
    sound = part.get("input_audio")
    if sound is not None and not (isinstance(sound, dict) and sound.keys() <= SOUND):
        _refuse(param, "sound is sent as its data and format")


def _check_picture(named: Any, *, param: str) -> None:
    """It is given bare, or as the `url` of an object."""
    if isinstance(named, dict) and named.keys() <= PICTURE:
        named = named.get("url")
    if not isinstance(named, str) or not named.casefold().startswith(DATA):
        _refuse(
            param, "what is shown to a model must be in the request, as a data: URL"
        )


def _refuse(param: str, detail: str) -> None:
    raise FieldUnfit(param=param, detail=detail)
