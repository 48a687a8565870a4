"""The conversations of the house in the admin, and the way to read one for a reason."""

from datetime import datetime
from typing import cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.admin.wordless import WordlessAdmin
from chat.forms import OpeningForm
from chat.models import Conversation, Message
from chat.queries import opening_by
from chat.services.openings import open_conversation_as_admin
from dashboard.requests import person_of

OPEN = "chat_conversation_open"


@admin.register(Conversation)
class ConversationAdmin(WordlessAdmin):
    """Who talks how much, and when last; a title would be the first line of what was said."""

    list_display = ("number", "way_in", "people", "messages", "touched")
    search_fields = ("participants__person__username",)
    search_help_text = gettext_lazy("The name that somebody signs in with")
    list_per_page = 50
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        rows: QuerySet[Conversation] = super().get_queryset(request)
        said = Message.objects.filter(conversation=OuterRef("pk")).order_by()
        each = said.values("conversation").annotate(count=Count("pk")).values("count")
        counted = rows.defer("title").annotate(count=Coalesce(Subquery(each), 0))
        return counted.prefetch_related("participants__person")

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, conversation: Conversation) -> int:
        return conversation.pk

    @admin.display(description=gettext_lazy("people"))
    def people(self, conversation: Conversation) -> str:
        places = conversation.participants.all()
        return ", ".join(
            f"{each.person} ({each.get_role_display()})" for each in places
        )

    @admin.display(description=gettext_lazy("messages"), ordering="count")
    def messages(self, conversation: Conversation) -> int:
        return cast("int", getattr(conversation, "count", 0))

    @admin.display(description=gettext_lazy("last touched"), ordering="touched_at")
    def touched(self, conversation: Conversation) -> datetime:
        return conversation.touched_at

    @admin.display(description=gettext_lazy("read"))
    def way_in(self, conversation: Conversation) -> str:
        url = reverse(f"admin:{OPEN}", args=[conversation.pk])
        return format_html('<a href="{}">{}</a>', url, _("Open…"))

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.open)
        return [path("<int:pk>/open/", page, name=OPEN), *super().get_urls()]

    def open(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for a reason, then show the conversation; its people see both."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = OpeningForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            open_conversation_as_admin(pk, by=person_of(request), reason=reason)
            return redirect("conversation-reading", pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Open conversation %(number)s") % {"number": pk},
            "form": form,
            "number": pk,
            "opening": opening_by(person_of(request), pk),
        }
        status = 422 if form.is_bound else 200
        name = "admin/chat/conversation/open.html"
        return render(request, name, context, status=status)
