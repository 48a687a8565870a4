"""What both lists have in common: administrators only, and no way to what was said."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

from dashboard.people.models import User


class WordlessAdmin(admin.ModelAdmin):
    """A list for superusers, whose rows cannot be opened, changed or deleted."""

    list_display_links = None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Nothing is to be chosen here, which Django's own title asks for."""
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title})

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        person = request.user
        return obj is None and isinstance(person, User) and person.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """An address that filters by a title or a text would tell it bit by bit."""
        return False
