"""What people choose on the pages of the catalogue."""

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from models_app.catalogue.read import ungrouped
from models_app.fit.load import LEAST_WINDOW
from models_app.hardware import (
    MOST_CARDS,
    ONE_COMPUTER,
    Hardware,
    card_choices,
    is_computer,
)
from models_app.planning import PURPOSES, QUANTIZATIONS, Plan

WHOLE = {"invalid": _("Write a whole number.")}
WHOLE_IN_GROUPS = _(
    "Write a whole number; thousands may stand in groups of three digits: 16,384."
)
SEPARATED = re.compile(r"\d[\s.,_']+\d")


class CountField(forms.IntegerField):
    """A whole number as people write it; what is none stays in its field."""

    # A field of numbers alone would show nothing of what is wrong in it.
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value: Any) -> int | None:
        typed = ungrouped(str(value or "").strip())
        if SEPARATED.search(typed):
            raise forms.ValidationError(WHOLE_IN_GROUPS, code="invalid")
        return super().to_python(typed)


class PlanForm(forms.Form):
    """A machine, a quantization, a window; what is left out is as usual."""

    card = forms.ChoiceField(
        label=_("Card"),
        choices=card_choices,
        error_messages={"invalid_choice": _("Choose a card of the list.")},
    )
    count = CountField(
        label=_("Cards"),
        min_value=1,
        max_value=MOST_CARDS,
        error_messages={
            **WHOLE,
            "min_value": _("At least one card; for none choose the processor."),
            "max_value": _("At most eight cards of one machine are reckoned with."),
        },
    )
    ram = CountField(
        label=_("Main memory, GB"),
        required=False,
        min_value=1,
        max_value=65_536,
        error_messages={
            **WHOLE,
            "min_value": _("Write at least 1 GB, or nothing."),
            "max_value": _("No machine has so much memory."),
        },
    )
    quantization = forms.ChoiceField(
        label=_("Quantization"),
        choices=[(each, each) for each in QUANTIZATIONS],
        error_messages={"invalid_choice": _("Choose a quantization of the list.")},
    )
    window = CountField(
        label=_("Window, tokens"),
        min_value=LEAST_WINDOW,
        max_value=2**24,
        error_messages={
            **WHOLE,
            "min_value": _("A window has at least 256 tokens."),
            "max_value": _("No model has so long a window."),
        },
    )
    slots = CountField(
        label=_("Replies at once"),
        min_value=1,
        max_value=1024,
        error_messages={
            **WHOLE,
            "min_value": _("At least one reply at a time."),
            "max_value": _("At most 1,024 replies at a time."),
        },
    )

    def __init__(self, typed: QueryDict, usual: Plan | None = None) -> None:
        self.usual = usual = usual or Plan()
        given: dict[str, Any] = {
            "card": usual.hardware.card,
            "count": usual.hardware.cards,
            "quantization": usual.quantization,
            "window": usual.window,
            "slots": usual.slots,
            "ram": usual.hardware.ram,
        }
        chosen = {name: value for name, value in typed.dict().items() if value}
        super().__init__({**given, **chosen})
        for name, field in self.fields.items():
            # What stands there by itself is as it is: nobody is told that it is wrong.
            if str(self.data.get(name)) == str(given.get(name)):
                field.validators = []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("count", 1) > 1 and is_computer(cleaned.get("card", "")):
            self.add_error("count", ONE_COMPUTER)
        return cleaned

    @property
    def plan(self) -> Plan:
        """What was chosen, and the usual in place of what cannot be."""
        self.full_clean()
        chosen, usual = self.cleaned_data, self.usual
        hardware = Hardware(
            card=chosen.get("card", usual.hardware.card),
            count=chosen.get("count", usual.hardware.count),
            ram=chosen.get("ram"),
        )
        return Plan(
            hardware=hardware,
            quantization=chosen.get("quantization", usual.quantization),
            window=chosen.get("window", usual.window),
            slots=chosen.get("slots", usual.slots),
            engine=usual.engine,
        )


class CatalogueForm(PlanForm):
    """The same, and which models one looks for."""

    purpose = forms.ChoiceField(
        label=_("Purpose"),
        required=False,
        choices=[
            ("", _("any")),
            *((str(key), _(name)) for key, name in PURPOSES.items()),
        ],
    )
    fitting = forms.BooleanField(label=_("Only what fits"), required=False)


class ModelPlanForm(PlanForm):
    """The same for a model that is there: its file has one quantization."""

    quantization = None  # type: ignore[assignment] # how Django drops a field

    def __init__(self, typed: QueryDict, usual: Plan) -> None:
        super().__init__(typed, usual)
        if not usual.hardware.is_known:
            field = self.fields["card"]
            field.required = False
            field.choices = [("", _("Choose one")), *card_choices()]  # type: ignore[attr-defined]
