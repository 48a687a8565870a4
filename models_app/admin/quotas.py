"""Quotas in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.admin.telling import TellingAdmin
from models_app.models import Quota
from models_app.models.quota import LIMITS
from models_app.services.backends import models_changed

ABOUT = gettext_lazy(
    "Choose a person, or a group, or neither for everybody. Whoever has a quota of their own "
    "has that alone; else the widest limits of their groups count, and without these "
    "everybody's. A limit that is left empty does not limit, so that an empty quota frees a "
    "person from all others. Administrators are limited only by a quota of their own."
)


class QuotaForm(forms.ModelForm):
    """One quota for each person, each group, and everybody."""

    class Meta:
        model = Quota
        fields = ("person", "group", *LIMITS)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        others = Quota.objects.filter(person=None, group=None).exclude(
            pk=self.instance.pk
        )
        for_all = not given.get("person") and not given.get("group")
        if for_all and not self.errors and others.exists():
            raise forms.ValidationError(
                _(
                    "There is a quota for everybody already. Change that one, or choose "
                    "a person or a group."
                )
            )
        return given


@admin.register(Quota)
class QuotaAdmin(TellingAdmin):
    form = QuotaForm
    list_display = ("whose", *LIMITS)
    list_select_related = ("person", "group")
    search_fields = ("person__username", "group__name")
    autocomplete_fields = ("person", "group")
    ordering = (
        F("person__username").asc(nulls_first=True),
        F("group__name").asc(nulls_first=True),
    )
    fieldsets = (
        (None, {"fields": ("person", "group"), "description": ABOUT}),
        (None, {"fields": LIMITS}),
    )

    @admin.display(description=gettext_lazy("for"))
    def whose(self, quota: Quota) -> str:
        if quota.person:
            return quota.person.name
        return str(quota)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Every process reads the quotas anew."""
        super().save_model(request, obj, form, change)
        models_changed()
