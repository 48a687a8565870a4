"""Whether an entry's data can be used: every problem in a sentence, or the entry."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.catalogue import read
from models_app.catalogue.entry import Entry, Size
from models_app.fit.quantizations import BITS, LINEAR_BITS

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}")
REPOSITORY: Final = re.compile(r"[A-Za-z0-9_][\w.-]*/[A-Za-z0-9_][\w.-]*", re.ASCII)
OLLAMA: Final = re.compile(
    r"([A-Za-z0-9_][\w.:-]*/)?([A-Za-z0-9_][\w-]*/)?"
    r"[A-Za-z0-9_][\w.-]{0,79}(:[A-Za-z0-9_][\w.-]{0,79})?",
    re.ASCII,
)
QUANTIZATIONS: Final = frozenset(BITS) | frozenset(LINEAR_BITS)
VLLM_QUANTIZATIONS: Final = frozenset({"F16", "FP8", "AWQ"})

READERS: Final[Mapping[str, Callable[[object], object]]] = {
    **dict.fromkeys(("slug", "name", "family", "licence", "source"), read.text),
    "architecture": read.text,
    "purposes": read.purposes,
    **dict.fromkeys(
        ("trained_context", "parameters", "layers", "key_length", "value_length"),
        read.count,
    ),
    **dict.fromkeys(("heads", "embedding", "vocabulary", "feed_forward"), read.count),
    **dict.fromkeys(
        ("latent_rank", "latent_rope", "latent_key", "latent_value"), read.count
    ),
    "experts": lambda value: read.count(value) or 0,
    "kv_heads": read.counts,
    "tied": read.choice,
    "latent_file": lambda value: bool(read.choice(value)),
    "sizes": read.sizes,
    **dict.fromkeys(("ollama", "lmstudio", "vllm"), read.names),
}
NEEDED: Final = (
    "slug",
    "name",
    "family",
    "purposes",
    "licence",
    "source",
    "trained_context",
    "parameters",
    "layers",
    "kv_heads",
    "key_length",
    "value_length",
    "heads",
    "embedding",
    "vocabulary",
)
LABELS: Final = {
    "slug": gettext_noop("short name"),
    "name": gettext_noop("name"),
    "family": gettext_noop("family"),
    "purposes": gettext_noop("purposes"),
    "licence": gettext_noop("licence"),
    "source": gettext_noop("source"),
    "architecture": gettext_noop("architecture"),
    "trained_context": gettext_noop("trained context"),
    "parameters": gettext_noop("parameters"),
    "layers": gettext_noop("layers"),
    "kv_heads": gettext_noop("key and value heads"),
    "key_length": gettext_noop("key length"),
    "value_length": gettext_noop("value length"),
    "heads": gettext_noop("attention heads"),
    "embedding": gettext_noop("embedding width"),
    "vocabulary": gettext_noop("vocabulary"),
    "feed_forward": gettext_noop("feed-forward width"),
    "tied": gettext_noop("tied embeddings"),
    "experts": gettext_noop("experts"),
    "latent_rank": gettext_noop("latent rank"),
    "latent_rope": gettext_noop("latent rope size"),
    "latent_key": gettext_noop("latent key length"),
    "latent_value": gettext_noop("latent value length"),
    "latent_file": gettext_noop("latent sizes in the file"),
    "sizes": gettext_noop("file sizes"),
    "ollama": gettext_noop("names for Ollama"),
    "lmstudio": gettext_noop("names for LM Studio"),
    "vllm": gettext_noop("repositories for vLLM"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, in a sentence."""

    field: str
    sentence: str


class BadEntry(ValueError):
    """An entry that cannot be used, with all its problems."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def problems(entry_data: Mapping[str, Any]) -> list[str]:
    """All that is wrong with an entry's data, each as a sentence; empty when usable."""
    return [each.sentence for each in _checked(entry_data)[1]]


def problems_by_field(entry_data: Mapping[str, Any]) -> dict[str, list[str]]:
    """The same by field; under "" what is about no field of an entry."""
    found: dict[str, list[str]] = {}
    for each in _checked(entry_data)[1]:
        found.setdefault(each.field, []).append(each.sentence)
    return found


def entry_from(entry_data: Mapping[str, Any]) -> Entry:
    """The entry of this data, from JSON or a form; raises `BadEntry` if unusable."""
    values, wrong = _checked(entry_data)
    if wrong:
        raise BadEntry([each.sentence for each in wrong])
    return Entry(**values)


def data_of(entry: Entry) -> dict[str, Any]:
    """The entry as plain JSON data, which gives the same entry back."""
    data = {each.name: getattr(entry, each.name) for each in fields(entry)}
    data["purposes"] = [str(each) for each in entry.purposes]
    data["sizes"] = {
        name: {"bytes": each.amount, "basis": str(each.basis)}
        for name, each in entry.sizes.items()
    }
    if isinstance(entry.kv_heads, tuple):
        data["kv_heads"] = list(entry.kv_heads)
    return data | {name: dict(data[name]) for name in ("ollama", "lmstudio", "vllm")}


def _checked(entry_data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    wrong = [
        Problem(
            "",
            _("“%(field)s” is not a field of an entry: leave it out.")
            % {"field": name},
        )
        for name in entry_data
        if name not in READERS
    ]
    for name, reader in READERS.items():
        try:
            values[name] = reader(entry_data.get(name, _nothing(name)))
        except ValueError:
            wrong.append(Problem(name, _unreadable(name, entry_data.get(name))))
    wrong += _lacking(values)
    return values, wrong or [*_wrong_names(values), *_wrong_numbers(values)]


def _nothing(name: str) -> object:
    return [] if name == "purposes" else None


def _label(name: str) -> str:
    return _(LABELS[name])


def _unreadable(name: str, value: object) -> str:
    if name == "purposes":
        return _("Choose purposes among chat, code, long_context and small.")
    if READERS[name] in (read.names, read.sizes):
        return _(
            "Write %(field)s one a line: the quantization, a blank, then the rest."
        ) % {"field": _label(name)}
    if READERS[name] in (read.count, read.counts) or name == "experts":
        return _(
            "Write %(field)s as a whole number from 0 on; “%(value)s” cannot be read as one."
        ) % {
            "field": _label(name),
            "value": str(value)[:80],
        }
    return _("Answer %(field)s with yes or no.") % {"field": _label(name)}


def _lacking(values: Mapping[str, Any]) -> list[Problem]:
    said = _("“%(field)s” is missing: fill it in.")
    return [
        Problem(name, said % {"field": _label(name)})
        for name in NEEDED
        if name in values and not values[name]
    ]


def _wrong_names(values: Mapping[str, Any]) -> Iterator[Problem]:
    if not SLUG.fullmatch(values["slug"]):
        said = _("Write the short name in small letters, digits, dots and hyphens.")
        yield Problem("slug", said)
    for name, form in (
        ("ollama", OLLAMA),
        ("lmstudio", REPOSITORY),
        ("vllm", REPOSITORY),
    ):
        yield from _wrong_map(name, values[name], form)
    yield from _wrong_quantizations("sizes", values["sizes"], QUANTIZATIONS)
    if not (values["ollama"] or values["lmstudio"] or values["vllm"]):
        yield Problem("ollama", _("Say what to type on at least one kind of server."))


def _wrong_map(
    name: str, told: Mapping[str, str], form: re.Pattern[str]
) -> Iterator[Problem]:
    known = VLLM_QUANTIZATIONS if name == "vllm" else frozenset(BITS)
    yield from _wrong_quantizations(name, told, known)
    for value in told.values():
        if not form.fullmatch(value):
            said = _("“%(value)s” cannot be a name: correct it in %(field)s.")
            facts = {"value": value[:80], "field": _label(name)}
            yield Problem(name, said % facts)


def _wrong_quantizations(
    name: str, told: Mapping[str, object], known: frozenset[str]
) -> Iterator[Problem]:
    for quantization in told:
        if quantization not in known:
            said = _(
                "“%(value)s” in %(field)s is no known quantization. Known are: %(known)s."
            )
            facts = {
                "value": quantization[:80],
                "field": _label(name),
                "known": ", ".join(sorted(known)),
            }
            yield Problem(name, said % facts)


def _wrong_numbers(values: Mapping[str, Any]) -> Iterator[Problem]:
    heads = values["kv_heads"]
    if isinstance(heads, tuple) and len(heads) != values["layers"]:
        said = _(
            "Give key and value heads for each of the %(layers)s layers, or one number "
            "for all; there are %(count)s."
        )
        facts = {"layers": values["layers"], "count": len(heads)}
        yield Problem("kv_heads", said % facts)
    if isinstance(heads, int) and heads > values["heads"]:
        said = _("There cannot be more key and value heads than attention heads.")
        yield Problem("kv_heads", said)
    if values["latent_rank"] and not values["latent_rope"]:
        said = _("With a latent rank, give the latent rope size too.")
        yield Problem("latent_rope", said)
    yield from _wrong_sizes(values["parameters"], values["sizes"])


def _wrong_sizes(parameters: int, sizes: Mapping[str, Size]) -> Iterator[Problem]:
    for name, size in sizes.items():
        bits = size.amount * 8 / parameters
        usual = BITS.get(name) or LINEAR_BITS.get(name, bits)
        if not usual * 0.7 <= bits <= usual * 1.6:
            said = _(
                "The file size for %(name)s does not go with the parameters: it would "
                "be %(bits).1f bits a weight. Check both."
            )
            yield Problem("sizes", said % {"name": name, "bits": bits})
