"""What the servers list, in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from models_app.models import LanguageModel


@admin.register(LanguageModel)
class LanguageModelAdmin(admin.ModelAdmin):
    """What the servers list; read, not written."""

    list_display = (
        "name",
        "backend",
        "context",
        "window",
        "quantization",
        "loaded",
        "listed",
        "seen_at",
    )
    list_filter = ("backend", "listed", "loaded")
    list_select_related = ("backend",)
    search_fields = ("name",)
    actions = None  # one that is deleted comes back with the next look

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
