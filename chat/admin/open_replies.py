"""The replies that are being written now, and the administrators' stop for them."""

from datetime import datetime
from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext

from chat.admin.wordless import WordlessAdmin
from chat.models import OpenReply
from chat.services.replies import request_stop_as_admin
from dashboard.requests import person_of


@admin.register(OpenReply)
class OpenReplyAdmin(WordlessAdmin):
    list_display = (
        "for_whom",
        "speaker_name",
        "on_server",
        "since",
        "characters",
        "number",
        "is_stopping",
    )
    list_select_related = ("asked_by",)
    ordering = ("created_at",)
    actions = ("stop",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpenReply]:
        rows: QuerySet[OpenReply] = super().get_queryset(request)
        written = rows.filter(status=OpenReply.Status.OPEN)
        lengths = Length("text") + Length("reasoning")
        return written.annotate(length=lengths).defer("text", "html", "reasoning")

    @admin.display(description=gettext_lazy("for"), ordering="asked_by__username")
    def for_whom(self, reply: OpenReply) -> str:
        return str(reply.asked_by or "")

    @admin.display(description=gettext_lazy("model"), ordering="speaker")
    def speaker_name(self, reply: OpenReply) -> str:
        return reply.speaker

    @admin.display(description=gettext_lazy("server"), ordering="server")
    def on_server(self, reply: OpenReply) -> str:
        return reply.server

    @admin.display(description=gettext_lazy("since"), ordering="created_at")
    def since(self, reply: OpenReply) -> datetime:
        return reply.created_at

    @admin.display(description=gettext_lazy("characters so far"), ordering="length")
    def characters(self, reply: OpenReply) -> int:
        return cast("int", getattr(reply, "length", 0))

    @admin.display(description=gettext_lazy("conversation"), ordering="conversation")
    def number(self, reply: OpenReply) -> int:
        return reply.conversation_id

    @admin.display(description=gettext_lazy("asked to stop"), boolean=True)
    def is_stopping(self, reply: OpenReply) -> bool:
        return reply.stop_requested

    @admin.action(description=gettext_lazy("Stop"))
    def stop(self, request: HttpRequest, replies: QuerySet[OpenReply]) -> None:
        """Their writers end them within a second; the text so far is kept."""
        person = person_of(request)
        wanted = [request_stop_as_admin(each.pk, by=person) for each in replies]
        said = ngettext(
            "%(count)s reply is asked to stop.",
            "%(count)s replies are asked to stop.",
            sum(wanted),
        )
        self.message_user(request, said % {"count": sum(wanted)})
