"""The servers that were found on this machine, in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.models import FoundServer
from models_app.services.found_servers import add_found


@admin.register(FoundServer)
class FoundServerAdmin(admin.ModelAdmin):
    list_display = ("base_url", "kind", "seen_at", "dismissed")
    list_editable = ("dismissed",)
    actions = ("add_servers",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_backend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("models_app.add_backend")

    @admin.action(
        description=gettext_lazy("Add as model servers"), permissions=["add_backend"]
    )
    def add_servers(self, request: HttpRequest, found: QuerySet[FoundServer]) -> None:
        for each in found:
            backend = add_found(each.pk)
            self.message_user(request, _("%(name)s is added.") % {"name": backend})
