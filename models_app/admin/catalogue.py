"""The catalogue in the admin: entries of the house, and which of Paddock's are hidden."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from models_app.catalogue.builtin import builtin_entries
from models_app.catalogue.entry import Entry
from models_app.catalogue.hugging_face import facts_from_config
from models_app.catalogue.read import Unreadable
from models_app.catalogue.validation import (
    LABELS,
    NEEDED,
    data_of,
    entry_from,
    problems_by_field,
)
from models_app.models import CatalogueEntry

CONFIG = "config"
LONG = (CONFIG, "sizes", "ollama", "lmstudio", "vllm", "source")
HELP = {
    "purposes": _("Out of chat, code, long_context, small, with commas between."),
    CONFIG: _(
        "From the model's page: paste it, and it fills the facts below that are empty. "
        "Nothing is fetched. Layers that look back only over a window count in full."
    ),
    "kv_heads": _("One number, or one for each layer with commas between."),
    "tied": _("yes or no; empty where it is not known."),
    "sizes": _("A line for each quantization and its bytes: Q4_K_M 4912898304"),
    "ollama": _("A line for each quantization: Q4_K_M qwen2.5:7b"),
    "lmstudio": _("A line for each quantization: Q4_K_M publisher/repository"),
    "vllm": _("A line for each quantization: FP8 publisher/repository"),
}
FACTS = [name for name in LABELS if name != "slug"]


class EntryForm(forms.ModelForm):
    """The facts of an entry as fields; what is wrong with each is said there."""

    class Meta:
        model = CatalogueEntry
        fields = ("slug", "hidden")

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        kept = self.instance.data or _builtin(self.initial.get("slug", ""))
        for name in (CONFIG, *FACTS):
            widget = forms.Textarea(attrs={"rows": 4}) if name in LONG else None
            self.fields[name] = forms.CharField(
                label=_label(name),
                required=False,
                widget=widget,
                help_text=HELP.get(name, ""),
                initial=_written(kept.get(name)),
            )

    def clean_config(self) -> Mapping[str, Any]:
        """The facts that it tells."""
        pasted = self.cleaned_data[CONFIG]
        try:
            return facts_from_config(pasted) if pasted else {}
        except Unreadable as wrong:
            said = _("That is no config.json: paste the whole file, from { to }.")
            raise forms.ValidationError(said) from wrong

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed = {name: cleaned[name] for name in FACTS if cleaned.get(name)}
        data = {**cleaned.get(CONFIG, {}), **typed}
        data["slug"] = cleaned.get("slug", "")
        if cleaned.get("hidden") and len(data) == 1:
            self.instance.data = {}
        elif wrong := problems_by_field(data):
            for name, sentences in wrong.items():
                if name not in self.errors:
                    self.add_error(name or None, forms.ValidationError(sentences))
        else:
            self.instance.data = data_of(entry_from(data))
        return cleaned


def _label(name: str) -> str:
    """A star for what an entry needs: one that hides another needs nothing."""
    if name == CONFIG:
        return "config.json"
    label = str(capfirst(_(LABELS[name])))
    return f"{label} *" if name in NEEDED else label


def _builtin(slug: str) -> Mapping[str, Any]:
    found = next((each for each in builtin_entries() if each.slug == slug), None)
    return data_of(found) if isinstance(found, Entry) else {}


def _written(value: object) -> str:
    """A fact as one types it: names and sizes as lines."""
    if isinstance(value, Mapping):
        return "\n".join(f"{key} {_amount(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _amount(value: object) -> object:
    if isinstance(value, Mapping):
        return f"{value['bytes']} {value['basis']}"
    return value


@admin.register(CatalogueEntry)
class CatalogueEntryAdmin(admin.ModelAdmin):
    """`?slug=` on the page of a new one begins with the facts of Paddock's own."""

    form = EntryForm
    list_display = ("slug", "name", "hidden")
    list_filter = ("hidden",)

    @admin.display(description=_("name"))
    def name(self, entry: CatalogueEntry) -> str:
        return str(entry)

    def get_fieldsets(
        self, request: HttpRequest, obj: CatalogueEntry | None = None
    ) -> list[tuple[Any, Any]]:
        needed = _("What has a star is needed, unless the entry only hides another.")
        fields = {
            "fields": ("slug", "hidden", CONFIG, *FACTS),
            "description": needed,
        }
        return [(None, fields)]

    def get_form(self, *given: Any, **options: Any) -> Any:
        # The facts are fields of the form alone.
        return super().get_form(*given, **{**options, "fields": ("slug", "hidden")})
