"""What one server of each kind answers, and what is to be read out of it.

A new kind takes part in the whole contract by an entry in `SERVERS` and some in `chats.CHATS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from models_app.adapters.base import (
    LoadedModel,
    ModelFacts,
    Workload,
)
from tests.fakes.replay import NOT_FOUND, Answer, told
from tests.recordings import recorded, recorded_case

CAN_CHAT = frozenset({"completion"})
SEES = frozenset({"vision"})


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is only looked at."""

    kind: str
    answers: Mapping[str, Answer]
    models: tuple[ModelFacts, ...]
    described: ModelFacts
    """The first model, once it was asked about."""
    loaded: tuple[LoadedModel, ...] = ()
    workload: Workload = field(default_factory=Workload)
    version: str = ""
    otherwise: Answer = NOT_FOUND
    manages: bool = True
    """Whether its models can be managed, where its kind can do it."""


def filed(name: str, kind: str = "application/json") -> Answer:
    return Answer(recorded(name), kind=kind)


def case(name: str, title: str) -> Answer:
    """An answer out of a file of cases."""
    found = recorded_case(name, title)
    if "body_text" in found:
        body = found["body_text"].encode()
        return Answer(body, status=found["status"], kind="text/plain")
    return told(found["body"], status=found["status"])


NO_ROUTE = case("lmstudio-errors.json", "UNKNOWN ROUTE IS HTTP 200 with a string error")
NO_FILE = case(
    "llamacpp-errors.json", "unknown route or wrong method (GET on a POST route too)"
)
RELEASED = Answer(
    recorded("llamacpp-props.json").replace(b"b0-unknown", b"b9999-0123abcd"),
    kind="application/json",
)
"""The recorded one was built without its history, and says no version."""
LLAMA = ModelFacts(
    name="tiny",
    context=8192,
    window=4096,
    size=96576768,
    quantization="Q4_1",
    parameters="134.5M",
    mark="96576768/134515008/8192",
)
SMOL = "02219c2ac3f2bb6cb2b2cda3e8b19b4a949148d5b2e32286ff1728b66fa5db0c"
OLLAMA = ModelFacts(
    name="smollm2:135m",
    context=8192,
    size=105454459,
    quantization="Q4_K_M",
    family="llama",
    parameters="134.52M",
    capabilities=CAN_CHAT,
    mark=SMOL,
    format="gguf",
    changed_at=datetime(2026, 11, 22, 10, 34, 16, 383039, UTC),
)
QWEN = ModelFacts(
    name="qwen/qwen3-4b",
    context=32768,
    window=8192,
    size=2497280256,
    quantization="Q4_K_M",
    family="qwen3",
    parameters="4B",
    capabilities=CAN_CHAT | {"tools", "thinking"},
    title="Qwen3 4B",
    format="gguf",
)
OLD_QWEN = replace(
    QWEN, size=None, parameters="", capabilities=CAN_CHAT | {"tools"}, title=""
)
SERVERS = {
    "ollama": Served(
        kind="ollama",
        answers={
            "/": case("real-ollama-state.json", "root"),
            "/api/version": case("real-ollama-state.json", "version"),
            "/api/tags": case("real-ollama-state.json", "tags"),
            "/api/ps": case(
                "real-ollama-load-unload.json", "ps, loaded for 30 minutes"
            ),
            "/api/show": case("real-ollama-show.json", "show thinking"),
        },
        models=(
            OLLAMA,
            replace(
                OLLAMA,
                name="second:latest",
                changed_at=datetime(2026, 11, 22, 10, 34, 16, 387039, UTC),
            ),
            replace(
                OLLAMA,
                name="sm-tools:latest",
                size=105454728,
                capabilities=CAN_CHAT | {"tools"},
                mark="fe553bef55714a1d8633351d0085760610a754c0f8e6d14792abfc2b912accda",
                changed_at=datetime(2026, 11, 22, 10, 11, 20, 426981, UTC),
            ),
            replace(
                OLLAMA,
                name="smollm2:q4km",
                changed_at=datetime(2026, 11, 22, 9, 52, 37, 920635, UTC),
            ),
            replace(
                OLLAMA,
                name="smollm2:st",
                size=271081975,
                quantization="F16",
                mark="9eb1f20728210ba86090346e5e73aaa249a76cbb39724343c2dcc5322b15309e",
                changed_at=datetime(2026, 11, 22, 9, 51, 52, 524928, UTC),
            ),
            replace(
                OLLAMA,
                name="127.0.0.1:5555/library/smollm2:135m",
                size=98362745,
                quantization="Q4_1",
                mark="fd5f44c0b5aff6453726119fc560d73a8a995a55b4a49804bc24b1969ecf1794",
                changed_at=datetime(2026, 11, 22, 9, 51, 19, 430930, UTC),
            ),
        ),
        described=replace(OLLAMA, capabilities=CAN_CHAT | {"thinking"}),
        loaded=(
            LoadedModel(
                "smollm2:135m",
                memory=168495675,
                card_memory=0,
                unloads_at=datetime(2026, 11, 22, 11, 4, 17, 195729, UTC),
                window=2048,
            ),
        ),
        version="0.33.0-rc2",
        otherwise=case("real-ollama-state.json", "unknown path"),
    ),
    "lmstudio": Served(
        kind="lmstudio",
        answers={"/api/v1/models": filed("lmstudio-models-v1.json")},
        models=(
            QWEN,
            ModelFacts(
                name="example-vl-2b-mlx",
                context=262144,
                size=1780000000,
                quantization="4bit",
                family="qwen3_vl",
                parameters="2B",
                capabilities=CAN_CHAT | SEES | {"tools"},
                title="Example VL 2B",
                format="mlx",
            ),
            ModelFacts(
                name="text-embedding-nomic-embed-text-v1.5",
                context=2048,
                window=2048,
                size=274290560,
                quantization="F16",
                capabilities=frozenset({"embedding"}),
                title="Nomic Embed Text v1.5",
                format="gguf",
            ),
        ),
        described=QWEN,
        loaded=(
            LoadedModel("qwen/qwen3-4b", window=8192),
            LoadedModel("text-embedding-nomic-embed-text-v1.5", window=2048),
        ),
        otherwise=NO_ROUTE,
    ),
    "lmstudio-v0": Served(
        kind="lmstudio",
        answers={"/api/v0/models": filed("lmstudio-models-v0.json")},
        models=(
            OLD_QWEN,
            ModelFacts(
                name="example-vl-2b-mlx",
                context=262144,
                quantization="4bit",
                family="qwen3_vl",
                capabilities=CAN_CHAT | SEES,
                format="mlx",
            ),
            ModelFacts(
                name="text-embedding-nomic-embed-text-v1.5",
                context=2048,
                quantization="F16",
                family="nomic-bert",
                capabilities=frozenset({"embedding"}),
                format="gguf",
            ),
        ),
        described=OLD_QWEN,
        loaded=(LoadedModel("qwen/qwen3-4b", window=8192),),
        manages=False,
        otherwise=NO_ROUTE,
    ),
    "vllm": Served(
        kind="vllm",
        answers={
            "/v1/models": filed("real-vllm-models.json"),
            "/version": case("real-vllm-probes.json", "version"),
            "/metrics": filed("real-vllm-metrics-busy.txt", "text/plain"),
        },
        models=(ModelFacts("smollm2-135m", context=2048, window=2048),),
        described=ModelFacts("smollm2-135m", context=2048, window=2048),
        loaded=(LoadedModel("smollm2-135m", window=2048),),
        workload=Workload(running=8, waiting=4),
        version="0.32.0",
    ),
    "llamacpp": Served(
        kind="llamacpp",
        answers={
            "/": Answer(status=415, headers={"Server": "llama.cpp"}),
            "/v1/models": filed("llamacpp-models.json"),
            "/props": RELEASED,
            "/props?model=smollm2:135m&autoload=false": filed("llamacpp-props.json"),
            "/metrics": filed("llamacpp-metrics.txt", "text/plain"),
        },
        models=(replace(LLAMA, name="smollm2:135m", window=2048),),
        described=replace(
            LLAMA, name="smollm2:135m", window=2048, capabilities=CAN_CHAT
        ),
        loaded=(LoadedModel("smollm2:135m", window=2048),),
        workload=Workload(running=0, waiting=0),
        version="b9999-0123abcd",
        manages=False,
        otherwise=NO_FILE,
    ),
    "llamacpp-router": Served(
        kind="llamacpp",
        answers={
            "/v1/models": filed("llamacpp-router-models.json"),
            "/props": filed("llamacpp-router-props.json"),
            "/props?model=tiny&autoload=false": filed("llamacpp-props.json"),
            "/metrics?model=tiny&autoload=false": Answer(
                b"llamacpp:requests_processing 2\nllamacpp:requests_deferred 2\n",
                kind="text/plain",
            ),
        },
        models=(
            LLAMA,
            ModelFacts("big", capabilities=SEES),
            ModelFacts("broken"),
            ModelFacts("example/Idle-GGUF:Q8_0"),
        ),
        described=replace(LLAMA, capabilities=CAN_CHAT),
        loaded=(LoadedModel("tiny", window=4096),),
        workload=Workload(running=2, waiting=2),
        version="b9999-0123abcd",
        otherwise=NO_FILE,
    ),
    "openai": Served(
        kind="openai",
        answers={
            "/v1/models": told({"data": [{"id": "tiny", "context_length": 32768}]})
        },
        models=(ModelFacts("tiny", context=32768, window=32768),),
        described=ModelFacts("tiny", context=32768, window=32768),
    ),
}
