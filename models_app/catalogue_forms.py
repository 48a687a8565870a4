"""What people choose on the pages of the catalogue."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from models_app.hardware import MOST_CARDS, Hardware, card_choices
from models_app.planning import PURPOSES, Plan

QUANTIZATIONS = ("Q4_K_M", "Q5_K_M", "Q8_0", "F16", "AWQ", "FP8")
WHOLE = {"invalid": _("Write a whole number.")}


class PlanForm(forms.Form):
    """A machine, a quantization, a window; what is left out is as usual."""

    card = forms.ChoiceField(label=_("Card"), choices=card_choices)
    count = forms.IntegerField(
        label=_("Cards"),
        min_value=1,
        max_value=MOST_CARDS,
        error_messages={
            **WHOLE,
            "min_value": _("At least one card; for none choose the processor."),
            "max_value": _("At most eight cards of one machine are reckoned with."),
        },
    )
    ram = forms.IntegerField(
        label=_("Main memory, GB"),
        required=False,
        min_value=1,
        max_value=65_536,
        error_messages=WHOLE,
    )
    quantization = forms.ChoiceField(
        label=_("Quantization"), choices=[(each, each) for each in QUANTIZATIONS]
    )
    window = forms.IntegerField(
        label=_("Window, tokens"),
        min_value=256,
        max_value=2**24,
        error_messages={
            **WHOLE,
            "min_value": _("A window has at least 256 tokens."),
            "max_value": _("No model has so long a window."),
        },
    )
    slots = forms.IntegerField(
        label=_("Replies at once"),
        min_value=1,
        max_value=1024,
        error_messages={
            **WHOLE,
            "min_value": _("At least one reply at a time."),
            "max_value": _("At most 1,024 replies at a time."),
        },
    )

    def __init__(self, typed: QueryDict) -> None:
        usual = Plan()
        given: dict[str, Any] = {
            "card": usual.hardware.card,
            "count": usual.hardware.count,
            "quantization": usual.quantization,
            "window": usual.window,
            "slots": usual.slots,
        }
        super().__init__({**given, **{k: v for k, v in typed.dict().items() if v}})

    @property
    def plan(self) -> Plan:
        """What was chosen, and the usual in place of what cannot be."""
        self.full_clean()
        chosen, usual = self.cleaned_data, Plan()
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
