"""Who may use which model, in the admin: one grid, and a look through a person's eyes."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from models_app.admin.grid import (
    chosen_change,
    chosen_models,
    found_rows,
    gives_or_takes,
    grid_row,
    moot_ticks,
    rows_per_page,
    sent_edits,
)
from models_app.admin.see_as import GRID, PERSON, chosen_person, people, seen_as
from models_app.models import Backend, Restriction
from models_app.services.restrictions import change_access, edit_access
from models_app.snapshot import forget


@admin.register(Restriction)
class VisibilityAdmin(admin.ModelAdmin):
    """One permission, to change restrictions, opens both pages."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.grid), name=GRID),
            path("person/", wrap(self.see_as), name=PERSON),
        ]

    def grid(self, request: HttpRequest) -> HttpResponse:
        """Every model and every group; what is changed on a page is saved at once."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            self._change(request)
            return HttpResponseRedirect(request.get_full_path())
        groups = list(Group.objects.order_by("name"))
        pages = Paginator(found_rows(request.GET), rows_per_page(len(groups)))
        page = pages.get_page(request.GET.get("p"))
        context = {
            **self._context(request, _("Who may use which model")),
            "groups": groups,
            "page": page,
            "pages": pages.get_elided_page_range(page.number),
            "rows": [grid_row(each, groups) for each in page],
            "servers": list(Backend.objects.order_by("name")),
            "people": people(),
        }
        return render(request, "admin/models_app/restriction/grid.html", context)

    def _change(self, request: HttpRequest) -> None:
        sent = request.POST
        if "_save" in sent:
            self._tell(request, edit_access(sent_edits(sent)))
            if moot := moot_ticks(sent):
                self._warn(request, moot)
            return
        models, change = chosen_models(sent), chosen_change(sent)
        if not models or change is None:
            said = _("Choose models and what to do with them. Nothing was changed.")
            self.message_user(request, said, messages.WARNING)
            return
        changed = change_access(dict.fromkeys(models, change))
        self._tell(request, changed)
        if changed < len(models) and gives_or_takes(sent):
            said = _(
                "What is for everybody can be neither given to one group nor taken "
                "from it. Choose “Only for” first."
            )
            self.message_user(request, said, messages.INFO)

    def _tell(self, request: HttpRequest, changed: int) -> None:
        said = ngettext(
            "%(count)s model was changed.",
            "%(count)s models were changed.",
            changed,
        ) % {"count": changed}
        if not changed:
            said = _("Nothing was changed.")
        self.message_user(request, said, messages.SUCCESS if changed else messages.INFO)

    def _warn(self, request: HttpRequest, moot: int) -> None:
        said = ngettext(
            "%(count)s model is for everybody, so its groups do not count. "
            "Untick “Everybody” and tick them again.",
            "%(count)s models are for everybody, so their groups do not count. "
            "Untick “Everybody” and tick them again.",
            moot,
        )
        self.message_user(request, said % {"count": moot}, messages.WARNING)

    def see_as(self, request: HttpRequest) -> HttpResponse:
        """What one person is offered, and what not, and why; nothing is changed."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        person = chosen_person(request)
        context = {**self._context(request, _("See as a person")), "people": people()}
        if person:
            # An administrator who has just changed something wants to see that.
            forget()
            context |= seen_as(request, person)
        return render(request, "admin/models_app/restriction/person.html", context)

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        context = self.admin_site.each_context(request)
        return {**context, "title": title, "opts": self.opts}
