"""Presets in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from models_app.admin.telling import TellingAdmin
from models_app.models import LanguageModel, Preset
from models_app.services.backends import models_changed
from models_app.snapshot import name_key

NAMED = 20
"""How many models a warning names."""


@admin.register(Preset)
class PresetAdmin(TellingAdmin):
    list_display = ("name", "model", "enabled")
    filter_horizontal = ("groups",)
    search_fields = ("name", "model")

    def save_model(
        self, request: HttpRequest, obj: Preset, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        listed = LanguageModel.objects.filter(listed=True).order_by("name")
        known = list(listed.values_list("name", flat=True).distinct())
        if name_key(obj.model) not in map(name_key, known):
            said = _(
                "No server lists “%(model)s”, so nobody sees this. Known: %(known)s."
            )
            facts = {"model": obj.model, "known": ", ".join(known[:NAMED]) or "–"}
            self.message_user(request, said % facts, messages.WARNING)

    def save_related(self, *given: Any) -> None:
        super().save_related(*given)
        models_changed()
