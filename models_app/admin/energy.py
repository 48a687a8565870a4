"""What electricity costs here and tokens cost elsewhere, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from models_app.energy.queries import energy_settings
from models_app.models import CloudPrice, EnergySettings
from models_app.models.energy_price import A_CURRENCY
from models_app.templatetags.amounts import price

ABOUT_ENERGY = gettext_lazy(
    "The status page counts the energy of the cards, by their own counter or from their "
    "power; what is not measured is said, and never counted as nothing."
)
ABOUT_PRICES = gettext_lazy(
    "Paddock knows no prices, for they change from month to month: look them up where they "
    "are sold, and write the day beside them. The status page then says what the tokens "
    "that were computed here would have cost there. Tokens of models without a row are "
    "counted and said, and cost nothing."
)
ABOUT_CURRENCY = gettext_lazy(
    "The currency is shown as you write it, for example USD; nothing is converted, and "
    "costs in two currencies stand side by side."
)


class CurrencyForm(forms.ModelForm):
    """What is too long is said, and stays as it was typed: no browser cuts it."""

    class Meta:
        error_messages = {"currency": {"max_length": A_CURRENCY}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "currency" in self.fields:
            self.fields["currency"].widget.attrs.pop("maxlength", None)


@admin.register(EnergySettings)
class EnergySettingsAdmin(admin.ModelAdmin):
    """One row: the list leads right to it."""

    form = CurrencyForm
    fieldsets = (
        (
            None,
            {
                "fields": ("price", "currency", "host_watts", "pue"),
                "description": ABOUT_ENERGY,
            },
        ),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            response: HttpResponse = super().changelist_view(request, extra_context)
            return response
        row = energy_settings()
        if row._state.adding:
            row.save()
        change = "admin:models_app_energysettings_change"
        return HttpResponseRedirect(reverse(change, args=[row.pk]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CloudPrice)
class CloudPriceAdmin(admin.ModelAdmin):
    form = CurrencyForm
    list_display = (
        "name",
        "pattern",
        "for_input",
        "for_output",
        "as_of",
    )
    search_fields = ("name", "pattern")
    fieldsets = (
        (None, {"fields": ("name", "pattern"), "description": ABOUT_PRICES}),
        (
            gettext_lazy("For a million tokens"),
            {
                "fields": ("input_price", "cached_price", "output_price", "currency"),
                "description": ABOUT_CURRENCY,
            },
        ),
        (gettext_lazy("Where that is from"), {"fields": ("as_of", "source")}),
    )

    @admin.display(description=gettext_lazy("a million read"), ordering="input_price")
    def for_input(self, row: CloudPrice) -> str:
        return f"{price(row.input_price)} {row.currency}"

    @admin.display(
        description=gettext_lazy("a million written"), ordering="output_price"
    )
    def for_output(self, row: CloudPrice) -> str:
        return f"{price(row.output_price)} {row.currency}"
