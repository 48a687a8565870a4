"""Errands in the admin: what people had done with models, and what became of it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from dashboard.sentences import sentence_for
from models_app.admin.read_only import ReadOnlyAdmin
from models_app.models import Errand


@admin.register(Errand)
class ErrandAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "backend",
        "action",
        "state",
        "new_name",
        "window",
        "asked_by",
        "created_at",
        "ended_at",
    )
    list_filter = ("status", "action", "backend")
    list_select_related = ("backend", "asked_by")
    list_display_links = None
    search_fields = ("name", "new_name")
    actions = None

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, errand: Errand) -> str:
        """In one word while it goes well, in a sentence when it did not."""
        if errand.error_code:
            return sentence_for(errand.error_code, errand.error_facts)
        return str(errand.get_status_display())
