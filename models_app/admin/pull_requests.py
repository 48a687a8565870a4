"""What members ask to have pulled, in the admin: approved or declined with a word."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.errors import DashboardError
from dashboard.requests import person_of
from dashboard.sentences import told
from models_app.admin.read_only import ReadOnlyAdmin
from models_app.models import Backend, PullRequest
from models_app.rights import may_pull
from models_app.services.pull_requests import approve_request, decline_request


class AnswerForm(ActionForm):
    """A word to those who asked, and the server for what may go to any."""

    word = forms.CharField(
        label=gettext_lazy("A word to those who asked"), required=False, max_length=300
    )
    server = forms.ModelChoiceField(
        Backend.objects.filter(enabled=True),
        label=gettext_lazy("Server"),
        required=False,
        empty_label=gettext_lazy("the one that was named"),
    )


@admin.register(PullRequest)
class PullRequestAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "where",
        "who",
        "status",
        "word",
        "answered_by",
        "created_at",
    )
    list_filter = ("status",)
    list_select_related = ("backend", "answered_by")
    list_display_links = None
    actions = ("approve", "decline")
    action_form = AnswerForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[PullRequest]:
        rows: QuerySet[PullRequest] = super().get_queryset(request)
        return rows.prefetch_related("askers__person")

    @admin.display(description=gettext_lazy("model server"))
    def where(self, wish: PullRequest) -> str:
        return wish.backend.name if wish.backend else _("any")

    @admin.display(description=gettext_lazy("asked by"))
    def who(self, wish: PullRequest) -> str:
        return ", ".join(asker.person.name for asker in wish.askers.all())

    @admin.action(description=gettext_lazy("Approve"), permissions=["pull"])
    def approve(self, request: HttpRequest, wishes: QuerySet[PullRequest]) -> None:
        word, server = _answer(request)
        backends = [server.pk] if server else []
        for wish in wishes:
            self._do(
                request,
                lambda wish=wish: approve_request(
                    wish.pk, by=person_of(request), backends=backends, word=word
                ),
                done=_("“%(name)s” is pulled.") % {"name": wish.name},
            )

    @admin.action(description=gettext_lazy("Decline"), permissions=["pull"])
    def decline(self, request: HttpRequest, wishes: QuerySet[PullRequest]) -> None:
        word, _server = _answer(request)
        for wish in wishes:
            self._do(
                request,
                lambda wish=wish: decline_request(
                    wish.pk, by=person_of(request), word=word
                ),
                done=_("“%(name)s” is declined.") % {"name": wish.name},
            )

    def _do(self, request: HttpRequest, answer: Any, *, done: str) -> None:
        """Answer one, and say what came of it."""
        try:
            answered = answer()
        except DashboardError as failure:
            self.message_user(request, told(failure), "error")
        else:
            already = _("Somebody has answered this already.")
            self.message_user(request, done if answered else already)

    def has_pull_permission(self, request: HttpRequest) -> bool:
        return may_pull(person_of(request))


def _answer(request: HttpRequest) -> tuple[str, Backend | None]:
    """What was chosen beside the action."""
    form = AnswerForm(request.POST)
    form.fields["action"].required = False
    form.is_valid()
    return form.cleaned_data.get("word", ""), form.cleaned_data.get("server")
