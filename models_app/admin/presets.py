"""Presets in the admin: the same text, the same rules, the same revisions."""

from typing import Any

from django.contrib import admin, messages
from django.forms import Textarea
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.requests import person_of
from models_app.admin.telling import TellingAdmin
from models_app.models import LanguageModel, Preset
from models_app.preset_forms import AdminPresetForm
from models_app.services.backends import models_changed
from models_app.services.presets import add_preset, save_preset
from models_app.snapshot import name_key

NAMED = 20
"""How many models a warning names."""


@admin.register(Preset)
class PresetAdmin(TellingAdmin):
    form = AdminPresetForm
    list_display = ("name", "icon", "model", "enabled", "is_default", "revision")
    list_filter = ("enabled", "groups")
    filter_horizontal = ("groups",)
    search_fields = ("name", "model", "description")
    readonly_fields = ("revisions",)
    view_on_site = False
    fieldsets = (
        (None, {"fields": ("name", "icon", "description", "text", "based_on")}),
        (
            gettext_lazy("Who may use it"),
            {"fields": ("groups", "enabled", "default", "was_default")},
        ),
        (None, {"fields": ("note", "revisions")}),
    )

    @admin.display(description=gettext_lazy("revisions"))
    def revisions(self, preset: Preset) -> str:
        """The way to the page that lists them, compares and restores them."""
        count = preset.revision
        if not count:
            return "–"
        said = ngettext(
            "%(count)s revision, with what it changed",
            "%(count)s revisions, with what each changed",
            count,
        ) % {"count": count}
        page = reverse("preset-revisions", args=[preset.pk])
        return format_html('<a href="{}">{}</a>', page, said)

    def formfield_for_dbfield(self, db_field: Any, *given: Any, **more: Any) -> Any:
        if db_field.name == "text":
            more["widget"] = Textarea(
                attrs={"rows": 20, "cols": 90, "spellcheck": "false"}
            )
        return super().formfield_for_dbfield(db_field, *given, **more)

    def save_model(
        self, request: HttpRequest, obj: Preset, form: Any, change: bool
    ) -> None:
        by, wanted = person_of(request), form.wanted()
        if change:
            based_on = form.cleaned_data["based_on"]
            save_preset(obj.pk, wanted, based_on=based_on, by=by)
        else:
            obj.pk = add_preset(wanted, by=by)
        obj.refresh_from_db()
        self._warn(request, obj)

    def save_related(self, *given: Any) -> None:
        super().save_related(*given)
        models_changed()

    def _warn(self, request: HttpRequest, preset: Preset) -> None:
        listed = LanguageModel.objects.filter(listed=True).order_by("name")
        known = list(listed.values_list("name", flat=True).distinct())
        if name_key(preset.model) not in map(name_key, known):
            said = _(
                "No server lists “%(model)s”, so nobody sees this. Known: %(known)s."
            )
            facts = {"model": preset.model, "known": ", ".join(known[:NAMED]) or "–"}
            self.message_user(request, said % facts, messages.WARNING)
