"""Everybody's batches in the admin: how far each is, and nothing of what is asked."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from dashboard.sentences import sentence_for
from models_app.admin.read_only import ReadOnlyAdmin
from models_app.batches.words import state_of
from models_app.models import Batch


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    """A list; what a batch is, its puller writes."""

    list_display = (
        "created_at",
        "asked_by",
        "model",
        "state",
        "total",
        "completed",
        "failed",
    )
    fields = readonly_fields = (
        *list_display,
        "name",
        "endpoint",
        "key",
        "started_at",
        "ended_at",
        "expires_at",
        "rests_until",
        "failure",
    )
    list_filter = ("status", "endpoint", "created_at")
    list_select_related = ("asked_by",)
    search_fields = ("asked_by__username", "=name", "model")

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, batch: Batch) -> str:
        return state_of(batch).label

    @admin.display(description=gettext_lazy("error"))
    def failure(self, batch: Batch) -> str:
        """Why all of it failed, or rests."""
        code = batch.error_code
        return sentence_for(code, batch.error_facts) if code else "–"
