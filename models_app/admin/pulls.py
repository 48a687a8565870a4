"""Pulls in the admin: where each stands, and the administrators' stop and retry."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.errors import DashboardError
from dashboard.requests import person_of
from dashboard.sentences import sentence_for, told
from models_app.admin.read_only import ReadOnlyAdmin
from models_app.models import Pull
from models_app.pull_queries import time_left
from models_app.services.pulls import may_pull, request_stop, retry_pull


@admin.register(Pull)
class PullAdmin(ReadOnlyAdmin):
    """A list; what a pull is, its puller writes."""

    list_display = (
        "name",
        "backend",
        "state",
        "received",
        "pace",
        "left",
        "asked_by",
        "created_at",
    )
    list_filter = ("status", "backend")
    list_select_related = ("backend", "asked_by")
    list_display_links = None
    search_fields = ("name",)
    actions = ("stop", "retry")

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, pull: Pull) -> str:
        """In one word while it goes well, in a sentence when it did not."""
        if pull.error_code:
            return sentence_for(pull.error_code, pull.error_facts)
        if pull.is_open and pull.stop_requested:
            return _("is being cancelled")
        return str(pull.get_status_display())

    @admin.display(description=gettext_lazy("received"), ordering="done")
    def received(self, pull: Pull) -> str:
        if pull.total is None:
            return filesizeformat(pull.done) if pull.done else "–"
        return _("%(done)s of %(total)s (%(percent)s %%)") % {
            "done": filesizeformat(pull.done),
            "total": filesizeformat(pull.total),
            "percent": pull.percent or 0,
        }

    @admin.display(description=gettext_lazy("speed"))
    def pace(self, pull: Pull) -> str:
        if pull.speed is None:
            return "–"
        return _("%(size)s/s") % {"size": filesizeformat(pull.speed)}

    @admin.display(description=gettext_lazy("time left"))
    def left(self, pull: Pull) -> str:
        return time_left(pull)

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
