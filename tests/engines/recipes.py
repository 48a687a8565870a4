"""How the real servers are started, for a CPU with two cores."""

from contextlib import AbstractContextManager
from pathlib import Path

from tests.engines import prepare
from tests.engines.servers import Server, serving

ROUTER = ("--models-dir", prepare.MODELS, "--metrics", "--offline", "--threads", "1")
SLOTS = ("--parallel", "2", "--ctx-size", "2048")
VLLM = (
    *("-m", "vllm.entrypoints.openai.api_server", "--model", prepare.SMOLLM2),
    *("--served-model-name", "smollm2-135m", "--max-model-len", "2048"),
    *("--max-num-seqs", "4", "--enforce-eager"),
    *("--enable-auto-tool-choice", "--tool-call-parser", "hermes"),
)
ON_A_CPU = {
    "HF_HUB_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_CACHE_ROOT": str(prepare.ENGINES / "cache"),
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "OMP_NUM_THREADS": "2",
    "VLLM_HOST_IP": "127.0.0.1",
    "GLOO_SOCKET_IFNAME": "lo",
}


def opened_router(folder: Path, *, key: str = "") -> AbstractContextManager[Server]:
    """Two models, none of them loaded; each with two slots of 1024 tokens."""
    program = prepare.llama_server()
    return serving(
        "llamacpp",
        *(program, *ROUTER, *SLOTS),
        environment={"LD_LIBRARY_PATH": str(program.parent)},
        log=folder / "log",
        key=key,
    )


def opened_vllm(folder: Path, *, key: str) -> AbstractContextManager[Server]:
    """One model with a window of 2048 tokens, four replies at once; it takes tools."""
    return serving(
        "vllm",
        *(prepare.vllm_python(), *VLLM),
        environment=ON_A_CPU,
        log=folder / "log",
        key=key,
        seconds=180,
    )
