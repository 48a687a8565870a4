"""The ledger in the admin, to look at."""

from django.contrib import admin

from models_app.admin.read_only import ReadOnlyAdmin
from models_app.models import Generation


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    """What was generated for whom; nothing of what was said is kept."""

    list_display = (
        "ended_at",
        "person",
        "origin",
        "model",
        "server",
        "status",
        "error_code",
        "queue_ms",
        "first_token_ms",
        "total_ms",
        "prompt_tokens",
        "completion_tokens",
        "gpu_seconds",
        "joules",
    )
    fields = readonly_fields = (
        "ticket",
        *list_display,
        "preset",
        "backend",
        "node",
        "asked_at",
        "began_at",
        "load_ms",
        "cached_tokens",
        "reckoned_at",
    )
    list_filter = ("ended_at", "origin", "status", "backend", "model")
    list_select_related = ("person",)
    search_fields = (
        "person__username",
        "person__first_name",
        "person__last_name",
        "=ticket",
    )
    # Counting all rows of a year would take longer than showing a page of them.
    show_full_result_count = False
