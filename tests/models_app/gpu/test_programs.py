"""What a command line tells of a server and its model."""

import pytest

from models_app.gpu.programs import model_of, port_of, program_of

DIGEST = "0123456789abcdef" * 4
BLOB = f"/var/lib/ollama/models/blobs/sha256-{DIGEST}"
OLLAMA = f"/usr/lib/ollama/llama-server --model {BLOB} --port 41235 --host 127.0.0.1"

# name of the process, command line, server, model
SEEN = [
    ("llama-server", OLLAMA, "ollama", f"sha256:{DIGEST}"),
    ("ollama", f"ollama runner --model={BLOB}", "ollama", f"sha256:{DIGEST}"),
    ("ollama", "/usr/local/bin/ollama serve", "ollama", ""),
    (
        "llama-server",
        "llama-server -m /models/a.gguf -c 8",
        "llamacpp",
        "/models/a.gguf",
    ),
    ("llama-server", "./llama-server -m a.gguf -a house", "llamacpp", "house"),
    ("llama-server", "llama-server -hf org/model:Q4", "llamacpp", "org/model:Q4"),
    ("python3", "python3 -m llama_cpp.server --model a.gguf", "llamacpp", "a.gguf"),
    ("vllm", "/opt/bin/python /opt/bin/vllm serve org/model", "vllm", "org/model"),
    ("vllm", "vllm serve org/model --served-model-name house", "vllm", "house"),
    ("python3", "python -m vllm.entrypoints.openai.api_server --model=x", "vllm", "x"),
    ("VLLM::EngineCor", "VLLM::EngineCore", "vllm", ""),
    ("node", "/home/ada/.lmstudio/bin/node worker.js", "lmstudio", ""),
    ("LM Studio", "/opt/LM-Studio/lm-studio", "lmstudio", ""),
    ("python3", "python3 train.py --model secret", "", "secret"),
    ("Xorg", "/usr/lib/xorg/Xorg :0", "", ""),
]


@pytest.mark.parametrize(("name", "line", "program", "model"), SEEN)
def test_a_command_line_names_the_server_and_its_model(
    name: str, line: str, program: str, model: str
) -> None:
    words = line.split()

    assert program_of(name, words) == program
    assert model_of(program, words) == model


def test_a_process_that_shows_no_command_line_is_known_by_its_name() -> None:
    assert program_of("llama-server", []) == "llamacpp"
    assert program_of("VLLM::Worker_TP", []) == "vllm"
    assert model_of("vllm", []) == ""


@pytest.mark.parametrize(
    ("line", "port"),
    [("x --port 8080", 8080), ("x --port=81", 81), ("x --port", None), ("x", None)],
)
def test_a_port_is_the_one_that_was_told(line: str, port: int | None) -> None:
    assert port_of(line.split()) == port


@pytest.mark.parametrize("word", ["99999", "eighty", "-1"])
def test_what_is_no_port_is_none(word: str) -> None:
    assert port_of(["x", "--port", word]) is None
