"""The form of a preset: fields that stand for lines of its text, both ways."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.errors import ModelfileUnwritable
from dashboard.sentences import told
from models_app.modelfile.edit import values_in, with_values
from models_app.modelfile.grammar import FROM
from models_app.modelfile.parameters import PARAMETERS
from models_app.modelfile.understand import plain

PREFIX = "field-"
LABELS: Mapping[str, str | Promise] = {
    FROM: _("Model"),
    "system": _("System prompt"),
    "temperature": _("Temperature"),
    "num_predict": _("Longest reply, tokens"),
    "num_ctx": _("Context window, tokens"),
    "top_p": _("Top p"),
    "top_k": _("Top k"),
    "min_p": _("Min p"),
    "repeat_penalty": _("Repeat penalty"),
    "seed": _("Seed"),
    "stop": _("Stop texts, one a line"),
}
LONG = ("system", "stop")


@dataclass(frozen=True, slots=True)
class Field:
    """`value` is what its lines say; one that no field can show is `fixed`."""

    name: str
    label: str | Promise
    value: str
    is_long: bool
    is_fixed: bool

    @property
    def posted(self) -> str:
        return f"{PREFIX}{self.name}"


@dataclass(frozen=True, slots=True)
class Applied:
    """A text with the lines changed of the fields that somebody changed.

    `refused` is why the first value is not in it that no Modelfile can hold; `left` are
    all such values, by field.
    """

    text: str
    refused: ModelfileUnwritable | None
    left: Mapping[str, str]

    @property
    def why(self) -> str:
        return told(self.refused) if self.refused else ""


def fields_of(text: str, left: Mapping[str, str]) -> list[Field]:
    """The common ones, in the order of their labels; `left` stands where it was typed."""
    return _fields(LABELS, text, left)


def more_fields_of(text: str, left: Mapping[str, str]) -> list[Field]:
    """All other parameters."""
    return _fields((each for each in PARAMETERS if each not in LABELS), text, left)


def changed_in(text: str, posted: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the fields that somebody changed, by field.

    `form_of` is the text that the form was made of.
    """
    shown = values_in(posted.get("form_of", text))
    return {
        name: posted[f"{PREFIX}{name}"]
        for name, values in _wanted(posted)
        if values != [*filter(None, shown.get(name, ()))]
    }


def applied(text: str, posted: Mapping[str, str]) -> Applied:
    """What becomes of the text by the fields; what was typed into it since stays."""
    refused, left, changed = None, {}, changed_in(text, posted)
    for name, values in _wanted(posted):
        if name not in changed:
            continue
        try:
            text = with_values(text, name, values)
        except ModelfileUnwritable as failure:
            refused, left[name] = refused or failure, changed[name]
    return Applied(text, refused, left)


def _wanted(posted: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    for name in (*LABELS, *(each for each in PARAMETERS if each not in LABELS)):
        given = posted.get(f"{PREFIX}{name}")
        if given is None:
            continue
        value = plain(given)
        if name == "stop":
            yield name, [each for each in value.split("\n") if each]
        else:
            yield name, [value] if value else []


def _fields(names: Iterable[str], text: str, left: Mapping[str, str]) -> list[Field]:
    values = values_in(text)
    return [_field(name, values.get(name, ()), left.get(name)) for name in names]


def _field(name: str, values: tuple[str, ...], typed: str | None) -> Field:
    return Field(
        name=name,
        label=LABELS.get(name, name),
        value="\n".join(values) if typed is None else typed,
        is_long=name in LONG,
        is_fixed=name == "stop" and any("\n" in each or not each for each in values),
    )
