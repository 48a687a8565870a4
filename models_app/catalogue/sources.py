"""Where the facts of the entries that Paddock comes with are from, for translation."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

BETWEEN: Final = "; "
SOURCES: Final = (
    gettext_noop("shape and parameters: its config.json"),
    gettext_noop("sizes: computed from its tensors"),
    gettext_noop("licence and repositories: the model card"),
    gettext_noop("it was made for 32 k, and reaches 128 k by YaRN"),
    gettext_noop("shape: that of Qwen2.5 7B"),
    gettext_noop("published files of 4.68, 5.44 and 8.1 GB agree"),
    gettext_noop("licence: the model card"),
    gettext_noop("shape and trained context: config.json of Qwen/Qwen3-8B"),
    gettext_noop("licence, trained context and repositories: the model card"),
    gettext_noop("licence and repository: the model card"),
    gettext_noop("the AWQ files are not the maker's"),
    gettext_noop(
        "the files are of 2024 and tell no latent sizes, so that "
        "llama.cpp keeps the whole cache"
    ),
    gettext_noop("shape: config.json of codellama/CodeLlama-7b-Instruct-hf"),
    gettext_noop("trained context: the model card"),
    gettext_noop("shape: config.json of codellama/CodeLlama-13b-Instruct-hf"),
    gettext_noop(
        "its config.json names a window of 2047 tokens, which "
        "llama.cpp does not use: the cache is counted in full"
    ),
    gettext_noop("no AWQ files of its maker"),
    gettext_noop("trained context: config.json of microsoft/Phi-3-mini-128k-instruct"),
    gettext_noop(
        "shape, parameters, trained context and licence: the GGUF file "
        "of the starter engine"
    ),
    gettext_noop("sizes: computed from its tensors, Q4_K_M as Ollama makes it of them"),
    gettext_noop("repository: the organization and the name that the file tells"),
)


def source_told(source: str) -> str:
    """A source in the reader's language; what an administrator wrote stays as it is."""
    parts = source.split(BETWEEN)
    return BETWEEN.join(_(each) if each in SOURCES else each for each in parts)
