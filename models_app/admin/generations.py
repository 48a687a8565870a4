"""The ledger in the admin, to look at."""

from django.contrib import admin
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.errors import DashboardError, QuotaSpent, error_class
from dashboard.sentences import sentence_for, told
from models_app import advice
from models_app.admin.read_only import ReadOnlyAdmin
from models_app.models import Generation


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    """What was generated for whom; nothing of what was said is kept."""

    list_display = (
        "ended_at",
        "person",
        "model",
        "server",
        "tokens",
        "seconds",
        "status",
    )
    fields = readonly_fields = (
        "ticket",
        "person",
        "origin",
        "key",
        "preset",
        "model",
        "server",
        "backend",
        "node",
        "status",
        "failure",
        "asked_at",
        "began_at",
        "ended_at",
        "queue_ms",
        "load_ms",
        "first_token_ms",
        "total_ms",
        "prompt_tokens",
        "completion_tokens",
        "cached_tokens",
        "gpu_seconds",
        "joules",
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

    @admin.display(description=gettext_lazy("tokens"))
    def tokens(self, generation: Generation) -> str:
        """Read and written."""
        both = (generation.prompt_tokens, generation.completion_tokens)
        known = [each for each in both if each is not None]
        return number_format(sum(known), force_grouping=True) if known else "–"

    @admin.display(description=gettext_lazy("seconds"), ordering="total_ms")
    def seconds(self, generation: Generation) -> str:
        """From the ask to the end."""
        took = generation.total_ms
        return "–" if took is None else number_format(round(took / 1000, 1), 1)

    @admin.display(description=gettext_lazy("error"))
    def failure(self, generation: Generation) -> str:
        """Its sentence, or in a few words where the facts for it are not kept."""
        code = generation.error_code
        if not code:
            return "–"
        said = sentence_for(code, {"server": generation.server})
        if said != told(DashboardError()):
            return said
        if issubclass(error_class(code), QuotaSpent):
            return _("a quota was used up")
        server = generation.server
        return f"{server}: {advice.short(code, {})}" if server else said
