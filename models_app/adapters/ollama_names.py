"""Ollama's grammar of model names: `[host/][namespace/]model[:tag]`, and how it lists them."""

import re
from dataclasses import dataclass

HOST, NAMESPACE, TAG = "registry.ollama.ai", "library", "latest"
CLOUD, LOCAL = "cloud", "local"
SCHEMES = ("https", "http")
PART = re.compile(r"\w[\w.-]{0,79}", re.ASCII)
PLAIN_PART = re.compile(r"\w[\w-]{0,79}", re.ASCII)
HOST_PART = re.compile(r"\w[\w.:-]{0,349}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OllamaName:
    """A name with all that was left out of it; `source` is "cloud", "local" or ""."""

    host: str
    namespace: str
    model: str
    tag: str
    source: str = ""
    scheme: str = SCHEMES[0]

    @property
    def display(self) -> str:
        """As short as it can be said."""
        place = f"{self.namespace}/"
        if self.host.lower() != HOST:
            place = f"{self.host}/{place}"
        elif self.namespace.lower() == NAMESPACE:
            place = ""
        return f"{place}{self.model}:{self.tag}"

    @property
    def listed(self) -> str:
        """As the server lists it: what runs elsewhere keeps the word that says so."""
        if self.source != CLOUD:
            return self.display
        base = self.display.removesuffix(f":{TAG}")
        return f"{base}-{CLOUD}" if base == self.display else f"{base}:{CLOUD}"


def parsed_name(text: str) -> OllamaName:
    """The parts of a name; a `ValueError` with Ollama's words for what is none."""
    bare = text.strip()
    if not bare:
        raise ValueError("model is required")
    scheme, separator, rest = bare.partition("://")
    if not separator:
        scheme, rest = SCHEMES[0], bare
    base, source = _source_of(rest)
    if source and _source_of(base)[1]:
        raise ValueError(f'use either :local or :cloud, not both: "{bare}"')
    return _checked(_parts_of(base, source=source, scheme=scheme.lower()))


def _source_of(name: str) -> tuple[str, str]:
    """A name without the word that says where it runs, and that word."""
    base, separator, last = name.rpartition(":")
    word = last.strip().lower()
    if not separator or "/" in last:
        return name, ""
    if word in (CLOUD, LOCAL):
        return base, word
    if word.endswith(f"-{CLOUD}"):
        return name[: -len(CLOUD) - 1], CLOUD
    return name, ""


def _parts_of(name: str, *, source: str, scheme: str) -> OllamaName:
    place, slash, last = name.rpartition("/")
    model, colon, tag = last.rpartition(":")
    if not colon:
        model, tag = last, TAG
    host, _, namespace = place.rpartition("/")
    if not slash:
        host, namespace = HOST, NAMESPACE
    elif "/" not in place:
        host = HOST
    return OllamaName(host, namespace, model, tag, source, scheme)


def _checked(name: OllamaName) -> OllamaName:
    fits = (
        name.scheme in SCHEMES
        and HOST_PART.fullmatch(name.host)
        and PLAIN_PART.fullmatch(name.namespace)
        and PART.fullmatch(name.model)
        and PART.fullmatch(name.tag)
    )
    if not fits:
        raise ValueError("invalid model name")
    return name
