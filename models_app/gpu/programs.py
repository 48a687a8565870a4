"""Which model server a process is, and which model, by its own command line."""

import re
from collections.abc import Sequence
from pathlib import PurePath

BLOB = re.compile(r"sha256[-:]([0-9a-f]{64})")
LLAMA = re.compile(r"llama[-_]?(server|box|cli)|llamafile")
OLLAMA = re.compile(r"ollama([-_](llama[-_]server|runner|lib))?(\.exe)?")
LM_STUDIO = re.compile(r"lm[ -]?studio", re.IGNORECASE)
VLLM_MODULE, LLAMA_MODULE = "vllm.entrypoints", "llama_cpp.server"
LARGEST_PORT = 65535


def program_of(name: str, words: Sequence[str]) -> str:
    """ "ollama", "llamacpp", "vllm", "lmstudio", or nothing that is known."""
    first = words[0] if words else name
    if _is_vllm(name, words):
        return "vllm"
    if LM_STUDIO.search(first) or LM_STUDIO.search(name):
        return "lmstudio"
    if OLLAMA.fullmatch(_base(first)) or "/ollama/" in first or _blob(words):
        return "ollama"
    if LLAMA.match(_base(first)) or LLAMA.match(name) or LLAMA_MODULE in words:
        return "llamacpp"
    return ""


def model_of(program: str, words: Sequence[str]) -> str:
    """What it serves: the digest of a blob, a name, or a path; nothing when it says none."""
    if program == "vllm":
        return (
            option(words, "--served-model-name")
            or option(words, "--model")
            or _after_serve(words)
        )
    blob = _blob(words)
    if blob:
        return f"sha256:{blob}"
    return (
        option(words, "--alias", "-a")
        or option(words, "--model", "-m")
        or option(words, "-hf", "-hfr", "--hf-repo")
    )


def port_of(words: Sequence[str]) -> int | None:
    """The port that it was told to listen on."""
    told = option(words, "--port")
    return int(told) if told.isdecimal() and int(told) <= LARGEST_PORT else None


def option(words: Sequence[str], *names: str) -> str:
    """What follows the first of the options that is there, or stands behind its `=`."""
    for wanted in names:
        for place, word in enumerate(words):
            name, sign, value = word.partition("=")
            if name == wanted:
                return value if sign else _word(words, place + 1)
    return ""


def blob_in(text: str) -> str:
    """The digest of the blob that a path or a name has in it, or ""."""
    found = BLOB.search(text)
    return found[1] if found else ""


def _is_vllm(name: str, words: Sequence[str]) -> bool:
    if name.startswith("VLLM::") or (words and words[0].startswith("VLLM::")):
        return True
    serves = any(
        _base(word) == "vllm" and _word(words, place + 1) == "serve"
        for place, word in enumerate(words)
    )
    return serves or any(word.startswith(VLLM_MODULE) for word in words)


def _after_serve(words: Sequence[str]) -> str:
    place = words.index("serve") + 1 if "serve" in words else len(words)
    return _word(words, place)


def _word(words: Sequence[str], place: int) -> str:
    word = words[place] if place < len(words) else ""
    return "" if word.startswith("-") else word


def _blob(words: Sequence[str]) -> str:
    return blob_in(option(words, "--model", "-m"))


def _base(path: str) -> str:
    return PurePath(path.replace("\\", "/")).name
