"""Which entry of the catalogue a model on a server is, by its name there."""

import re
from collections.abc import Iterator, Sequence

from models_app.catalogue.entry import Entry

OF_A_FILE = re.compile(r"([-_.](gguf|awq|fp8|gptq|mlx))+$")


def matched(name: str, entries: Sequence[Entry]) -> Entry | None:
    """The entry that some server calls so; None where that is not certain.

    “qwen2.5:7b” is what Ollama calls the instruct model of that size, and LM Studio
    drops the publisher and the format from a repository.
    """
    asked = _key(name)
    for names in (_whole, _short):
        found = [each for each in entries if asked in names(each)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _whole(entry: Entry) -> set[str]:
    """Its names, as they are."""
    return {_key(each) for each in _names(entry)}


def _short(entry: Entry) -> set[str]:
    """What is left of them without a tag's ending, or a publisher and a format."""
    tags = {_size_of_tag(_key(each)) for each in entry.ollama.values()}
    rows = (*entry.lmstudio.values(), *entry.vllm.values())
    repositories = {OF_A_FILE.sub("", _key(each).rpartition("/")[2]) for each in rows}
    return tags | repositories


def _size_of_tag(name: str) -> str:
    model, _, tag = name.partition(":")
    return f"{model}:{tag.partition('-')[0]}"


def _names(entry: Entry) -> Iterator[str]:
    yield from entry.ollama.values()
    yield from entry.lmstudio.values()
    yield from entry.vllm.values()


def _key(name: str) -> str:
    return name.casefold().removesuffix(":latest")
