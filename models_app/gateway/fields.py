"""Which fields of a request a member may send, and what they may hold.

What a server would do for whoever may only talk to it is left out: other priorities,
another window, templates of one's own, pictures that it fetches from other hosts.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q

from dashboard.errors import FieldMisspelt, FieldNotAllowed, GatewayError
from models_app.modelfile.parameters import PARAMETERS
from models_app.models import FieldGrant
from models_app.rights import groups_of

SAMPLING: Final = frozenset(
    [
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "typical_p",
        "seed",
        "stop",
        "presence_penalty",
        "frequency_penalty",
        "repeat_penalty",
        "repetition_penalty",
        "logit_bias",
        "max_tokens",
        "n",
    ]
)
COMMON: Final = frozenset(
    # What SDKs add by themselves and servers ignore.
    [
        "model",
        "stream",
        "stream_options",
        "user",
        "metadata",
        "store",
        "service_tier",
        "safety_identifier",
        "prompt_cache_key",
    ]
)
CHAT: Final = (
    SAMPLING
    | COMMON
    | frozenset(
        [
            "messages",
            "max_completion_tokens",
            "logprobs",
            "top_logprobs",
            "tools",
            "tool_choice",
            "functions",
            "function_call",
            "parallel_tool_calls",
            "response_format",
            "reasoning_effort",
            "verbosity",
            "modalities",
            "prediction",
        ]
    )
)
COMPLETION: Final = (
    SAMPLING | COMMON | frozenset(["prompt", "suffix", "echo", "best_of", "logprobs"])
)
EMBEDDING: Final = COMMON | frozenset(["input", "dimensions", "encoding_format"])
RESPONSE: Final = COMMON | frozenset(
    [
        "input",
        "instructions",
        "temperature",
        "top_p",
        "max_output_tokens",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "reasoning",
        "text",
        "truncation",
        "include",
        "max_tool_calls",
        "top_logprobs",
    ]
)


LIKENESS: Final = 0.8
"""Of 1: below it, names have more that sets them apart than a slip."""
LONGEST: Final = 64
"""Characters of a name that may be a slip: to compare longer ones takes seconds."""
OF_SERVERS: Final = frozenset(
    [
        *PARAMETERS,
        *("min_tokens", "models", "parse_tool_calls", "reasoning_format", "top_a"),
        *("typ_p", "repetition_penalty_range"),
        *("frequency_penalty_range", "presence_penalty_range"),
    ]
)
"""What looks like a usual field, and is another one of some server."""
OTHERS: Final = OF_SERVERS | CHAT | COMPLETION | EMBEDDING | RESPONSE


def granted_to(person: AbstractBaseUser) -> frozenset[str]:
    """The fields that the person's groups, or everybody, may send besides the usual."""
    theirs = Q(group=None) | Q(group__in=groups_of(person))
    rows = FieldGrant.objects.filter(theirs).values_list("fields", flat=True)
    return frozenset(name for names in rows for name in names)


def check_fields(
    body: Mapping[str, Any],
    usual: frozenset[str],
    granted: frozenset[str] | None,
    besides: Iterable[str] = (),
) -> None:
    """`FieldNotAllowed` or `FieldMisspelt` for the first that is neither usual nor granted;
    None grants all. What stands `besides` may be sent elsewhere in the request."""
    if granted is None:
        return
    for name in body:
        if name not in usual and name not in granted:
            here = (each for each in granted if "." not in each)
            raise unusable(name, [*besides, *here, *usual])


def unusable(name: str, usable: Iterable[str]) -> GatewayError:
    """Why it may not be sent: of a slip, what is meant instead."""
    if len(name) > LONGEST:
        return FieldNotAllowed(param=f"{name[:LONGEST]}…")
    bare, meant = _bare(name), {_bare(each): each for each in usable}
    cutoff = 1.0 if bare in OTHERS else LIKENESS
    close = get_close_matches(bare, meant, n=1, cutoff=cutoff)
    if not close:
        return FieldNotAllowed(param=name)
    return FieldMisspelt(param=name, close=meant[close[0]])


def _bare(name: str) -> str:
    """Without where it stands, and as most are written."""
    return name.rpartition(".")[2].casefold().replace("-", "_")
