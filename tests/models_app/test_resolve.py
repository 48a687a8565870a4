"""One preset on five kinds of servers: what each is sent, and what it leaves undone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.sentences import phrase
from models_app.adapters import ADAPTERS
from models_app.adapters.base import ChatMessage, ChatRequest, ParameterValue
from models_app.adapters.honours import SENTENCES, Lapse
from models_app.modelfile.parameters import PARAMETERS, Type
from models_app.modelfile.recipe import Recipe
from models_app.resolve import Resolved, opening, resolve
from tests.fakes.asking import reply
from tests.fakes.replay import Answer, replaying
from tests.models_app.adapters.dialects import NATIVE, NDJSON, OPENAI
from tests.models_app.full_preset import EVERYTHING, understood

KINDS = [*ADAPTERS]
ANSWERS = {
    "/api/chat": Answer(NDJSON.text("a") + NDJSON.end),
    "/api/v1/chat": Answer(NATIVE.text("a") + NATIVE.end),
    "/v1/chat/completions": Answer(OPENAI.text("a") + OPENAI.end),
}
HELLO = ChatMessage("user", "Hello")
MESSAGES = [
    {"role": "system", "content": "You are brief."},
    {"role": "user", "content": "Is Oslo in Norway?"},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "Hello"},
]
OF_OPENAI = {
    "temperature": 0.5,
    "top_p": 0.9,
    "presence_penalty": 0.25,
    "frequency_penalty": 0.125,
    "stop": ["END", "USER:"],
    "seed": 7,
    "max_tokens": 8,
    "stream": True,
    "stream_options": {"include_usage": True},
    "model": "tiny",
    "messages": MESSAGES,
}
BODIES: dict[str, dict[str, Any]] = {
    "ollama": {
        "model": "tiny",
        "messages": MESSAGES,
        "stream": True,
        "options": {
            "temperature": 0.5,
            "top_p": 0.9,
            "top_k": 40,
            "min_p": 0.05,
            "typical_p": 0.95,
            "repeat_penalty": 1.1,
            "repeat_last_n": 64,
            "presence_penalty": 0.25,
            "frequency_penalty": 0.125,
            "stop": ["END", "USER:"],
            "seed": 7,
            "num_predict": 8,
            "num_ctx": 4096,
            "num_keep": 4,
            "num_batch": 256,
            "num_gpu": 20,
            "main_gpu": 0,
            "num_thread": 2,
            "use_mmap": True,
            "draft_num_predict": 3,
        },
    },
    "lmstudio": {**OF_OPENAI, "top_k": 40, "min_p": 0.05, "repeat_penalty": 1.1},
    "vllm": {**OF_OPENAI, "top_k": 40, "min_p": 0.05, "repetition_penalty": 1.1},
    "llamacpp": {
        **OF_OPENAI,
        "top_k": 40,
        "min_p": 0.05,
        "typical_p": 0.95,
        "repeat_penalty": 1.1,
        "repeat_last_n": 64,
        "n_keep": 4,
        "return_progress": True,
    },
    "openai": OF_OPENAI,
}
RUNNER = {"num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "use_mmap"}
RUNNER |= {"draft_num_predict"}
LINES = {"template", "adapter", "draft", "license", "renderer", "parser", "requires"}
LEFT = {
    "ollama": LINES,
    "lmstudio": LINES | RUNNER | {"typical_p", "repeat_last_n", "num_keep"},
    "vllm": LINES | RUNNER | {"typical_p", "repeat_last_n", "num_keep"},
    "llamacpp": LINES | RUNNER,
    "openai": LINES
    | RUNNER
    | {"typical_p", "repeat_last_n", "num_keep", "top_k", "min_p", "repeat_penalty"},
}


async def body_at(kind: str, request: ChatRequest) -> dict[str, Any]:
    """What the adapter of a kind sends for it."""
    async with replaying(ANSWERS) as server:
        await reply(kind, server.url, request)
    (asked,) = server.asked
    return dict(asked.json)


def only(kind: str, line: str, **asked: Any) -> Resolved:
    return resolve(understood(f"FROM tiny\n{line}\n"), kind, **asked)


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_is_sent_all_that_it_takes(kind: str) -> None:
    resolved = resolve(EVERYTHING, kind, messages=(HELLO,))

    assert await body_at(kind, resolved.request) == BODIES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_each_line_that_a_kind_leaves_undone_is_told_with_its_place(kind: str) -> None:
    unheeded = resolve(EVERYTHING, kind, messages=(HELLO,)).unheeded

    assert {each.name for each in unheeded} == LEFT[kind]
    assert [each.line for each in unheeded] == sorted(each.line for each in unheeded)
    assert all(each.line and each.column == 1 for each in unheeded)


@pytest.mark.parametrize("kind", KINDS)
def test_each_reason_is_a_sentence_that_names_its_line(kind: str) -> None:
    for each in resolve(EVERYTHING, kind).unheeded:
        assert each.name.lower() in phrase(each).lower()
        assert "%" not in phrase(each)


def test_every_lapse_has_a_sentence() -> None:
    assert SENTENCES.keys() == {*Lapse}


@pytest.mark.parametrize(
    ("kind", "line", "reason"),
    [
        ("ollama", "TEMPLATE x", Lapse.ON_SERVER),
        ("vllm", "TEMPLATE x", Lapse.OF_THE_MODEL),
        ("ollama", "REQUIRES 0.1", Lapse.ON_SERVER),
        ("llamacpp", "REQUIRES 0.1", Lapse.OF_OLLAMA),
        ("ollama", "ADAPTER x.gguf", Lapse.A_FILE),
        ("vllm", "PARAMETER num_ctx 9", Lapse.AT_START),
        ("openai", "PARAMETER num_ctx 9", Lapse.UNKNOWN),
        ("lmstudio", "PARAMETER num_ctx 9", Lapse.FIRST_QUESTION),
        ("lmstudio", "PARAMETER num_ctx 9\nPARAMETER seed 1", Lapse.AT_START),
        ("lmstudio", "PARAMETER num_ctx 9\nMESSAGE user a", Lapse.AT_START),
        ("openai", "PARAMETER temperature 2.5", Lapse.LOWERED),
        ("openai", "PARAMETER presence_penalty -3", Lapse.RAISED),
        ("vllm", "PARAMETER repeat_penalty 0", Lapse.TOO_LOW),
        ("llamacpp", "PARAMETER seed 4294967295", Lapse.TOO_HIGH),
        ("llamacpp", "PARAMETER repeat_last_n -1", Lapse.TOO_LOW),
    ],
)
def test_a_reason_fits_the_kind(kind: str, line: str, reason: Lapse) -> None:
    (unheeded,) = only(kind, line).unheeded

    assert (unheeded.line, unheeded.reason) == (2, reason)


@pytest.mark.parametrize(
    ("kind", "line", "field", "sent"),
    [
        ("openai", "temperature 2.5", "temperature", 2),
        ("openai", "frequency_penalty -9", "frequency_penalty", -2),
        ("openai", "num_predict 0", "max_tokens", 1),
        ("vllm", "temperature 2.5", "temperature", 2),
        ("vllm", "temperature -1", "temperature", 0),
        ("vllm", "top_p 0", "top_p", 0.001),
        ("vllm", "top_k -5", "top_k", -1),
        ("vllm", "repeat_penalty 0", "repetition_penalty", None),
        ("lmstudio", "num_ctx 8192", "context_length", 8192),
        ("lmstudio", "top_k 0", "top_k", None),
        ("llamacpp", "temperature -1", "temperature", -1),
        ("llamacpp", "num_predict -1", "max_tokens", None),
    ],
)
async def test_nothing_is_sent_that_a_kind_would_refuse(
    kind: str, line: str, field: str, sent: float | None
) -> None:
    resolved = only(kind, f"PARAMETER {line}", messages=(HELLO,))

    assert (await body_at(kind, resolved.request)).get(field) == sent


async def test_of_too_many_stop_texts_openai_is_sent_the_first() -> None:
    stops = "".join(f"PARAMETER stop {each}\n" for each in "abcde")
    resolved = only("openai", stops, messages=(HELLO,))

    assert (await body_at("openai", resolved.request))["stop"] == ["a", "b", "c", "d"]
    assert [each.reason for each in resolved.unheeded] == [Lapse.TOO_MANY]


def test_an_empty_stop_text_is_sent_to_nobody() -> None:
    resolved = resolve(Recipe(("m",), parameters={"stop": ["", "a"]}), "vllm")

    assert resolved.request.parameters == {"stop": ["a"]}
    assert [each.reason for each in resolved.unheeded] == [Lapse.EMPTY_STOP]


def test_a_server_may_have_another_name_for_the_base() -> None:
    assert only("vllm", "SYSTEM x", model="org/Tiny").request.model == "org/Tiny"
    assert only("vllm", "SYSTEM x").request.model == "tiny"


def test_a_conversation_opens_with_system_prompt_and_examples() -> None:
    spoken = [(each.role, each.text) for each in opening(EVERYTHING)]

    assert spoken == [(each["role"], each["content"]) for each in MESSAGES[:3]]


VALUES: dict[Type, st.SearchStrategy[ParameterValue]] = {
    Type.WHOLE: st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3),
    Type.NUMBER: st.floats(-5, 5, width=32),
    Type.SWITCH: st.booleans(),
    Type.TEXTS: st.lists(st.text(max_size=2), max_size=6),
}
GIVEN = st.fixed_dictionaries(
    {}, optional={name: VALUES[each.type] for name, each in PARAMETERS.items()}
)


@given(st.sampled_from(KINDS), GIVEN)
def test_no_parameter_is_dropped_in_silence(
    kind: str, parameters: dict[str, ParameterValue]
) -> None:
    resolved = resolve(Recipe(("m",), parameters=parameters), kind)

    told = {each.name for each in resolved.unheeded}
    for name, value in parameters.items():
        silent = (
            name in ("num_predict", "seed") and isinstance(value, int) and value < 0
        )
        same = resolved.request.parameters.get(name) == value
        assert same or name in told or silent or value == []


@given(st.sampled_from(KINDS), GIVEN)
def test_what_is_resolved_stays_so(
    kind: str, parameters: dict[str, ParameterValue]
) -> None:
    once = resolve(Recipe(("m",), parameters=parameters), kind).request.parameters
    twice = resolve(Recipe(("m",), parameters=once), kind)

    assert twice.request.parameters == once
    assert {each.reason for each in twice.unheeded} <= {Lapse.FIRST_QUESTION}
