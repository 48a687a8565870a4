"""GPU hosts in the admin: how each is, and the administrators' removal."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.errors import DashboardError
from dashboard.sentences import told
from models_app.admin.read_only import ReadOnlyAdmin
from models_app.models import Gpu, Node
from models_app.nodes.adding import retire_node
from models_app.nodes.states import WORDS, state_of
from models_app.nodes.troubles import trouble_text

CONFIRMATION = "admin/models_app/node/remove_confirmation.html"


class GpuInline(admin.TabularInline):
    """The cards that it has told of."""

    model = Gpu
    fields = readonly_fields = (
        "index",
        "name",
        "uuid",
        "vendor",
        "memory_total",
        "seen_at",
    )
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Node)
class NodeAdmin(ReadOnlyAdmin):
    """A list; a host is added by a command, because its secret is shown there once."""

    list_display = ("name", "condition", "driver", "seen_at", "clock_off", "problem")
    fields = readonly_fields = (*list_display, "added_at", "retired_at")
    search_fields = ("name",)
    inlines = (GpuInline,)
    actions = ("remove",)

    @admin.display(description=gettext_lazy("state"))
    def condition(self, node: Node) -> str:
        if node.retired_at:
            return _("removed")
        if node.seen_at is None:
            return str(WORDS[state_of(None)])
        age = (timezone.now() - node.seen_at).total_seconds()
        return str(WORDS[state_of(age)])

    @admin.display(description=gettext_lazy("what is wrong"))
    def problem(self, node: Node) -> str:
        return trouble_text(node.trouble) or "–"

    @admin.action(
        description=gettext_lazy("Remove; keep the history"), permissions=["retire"]
    )
    def remove(
        self, request: HttpRequest, nodes: QuerySet[Node]
    ) -> HttpResponse | None:
        """It is asked once, with what it does."""
        if "sure" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": _("Remove GPU hosts?"),
                "opts": self.opts,
                "nodes": nodes,
                "action_checkbox_name": ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, CONFIRMATION, context)
        self._remove(request, nodes)
        return None

    def _remove(self, request: HttpRequest, nodes: Iterable[Node]) -> None:
        for node in nodes:
            try:
                retire_node(node.name)
            except DashboardError as failure:
                self.message_user(request, told(failure), "error")
            else:
                done = _("“%(name)s” is removed; the history of its cards is kept.")
                self.message_user(request, done % {"name": node.name})

    def has_retire_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("models_app.delete_node")
