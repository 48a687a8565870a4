"""Pulls in the admin: where each stands, and the administrators' stop and retry."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.errors import DashboardError
from dashboard.requests import person_of
from dashboard.sentences import sentence_for, told
from models_app.admin.read_only import ReadOnlyAdmin
from models_app.models import Pull
from models_app.pull_words import bar_of, progress_text, size_text
from models_app.rights import may_pull
from models_app.services.pulls import request_stop, retry_pull


@admin.register(Pull)
class PullAdmin(ReadOnlyAdmin):
    """A list; what a pull is, its puller writes."""

    list_display = (
        "name",
        "backend",
        "status",
        "progress",
        "asked_by",
        "created_at",
    )
    fields = readonly_fields = (*list_display, "started_at", "ended_at", "retries")
    list_filter = ("status", "backend")
    list_select_related = ("backend", "asked_by")
    search_fields = ("name",)
    actions = ("stop", "retry")

    @admin.display(description=gettext_lazy("progress"), ordering="done")
    def progress(self, pull: Pull) -> str:
        """How far an open one is; a sentence on what went wrong with one that failed."""
        if pull.is_open:
            return format_html("{} {}", self.bar(pull), progress_text(pull))
        if pull.error_code:
            return sentence_for(pull.error_code, pull.error_facts)
        return size_text(pull.done) if pull.done else "–"

    def bar(self, pull: Pull) -> str:
        """The page asks again as long as it shows one."""
        words = "<progress data-open aria-label='{}' {}></progress>"
        amount = bar_of(pull)
        numbers = format_html("value='{}' max='{}'", *amount) if amount else ""
        return format_html(words, pull.name, numbers)

    @admin.action(description=gettext_lazy("Cancel"), permissions=["pull"])
    def stop(self, request: HttpRequest, pulls: QuerySet[Pull]) -> None:
        person = person_of(request)
        asked = sum(request_stop(each.pk, by=person) for each in pulls)
        said = ngettext(
            "%(count)s pull is asked to end.",
            "%(count)s pulls are asked to end.",
            asked,
        )
        self.message_user(request, said % {"count": asked})

    @admin.action(description=gettext_lazy("Retry"), permissions=["pull"])
    def retry(self, request: HttpRequest, pulls: QuerySet[Pull]) -> None:
        """They go on from what their servers kept."""
        person = person_of(request)
        for each in pulls:
            try:
                retry_pull(each.pk, by=person)
            except DashboardError as failure:
                self.message_user(request, told(failure), "error")
            else:
                again = _("“%(name)s” is pulled again.") % {"name": each.name}
                self.message_user(request, again)

    def has_pull_permission(self, request: HttpRequest) -> bool:
        return may_pull(person_of(request))
