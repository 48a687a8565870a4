"""People and invites in the admin."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.people.links import show_link
from dashboard.people.models import Invite, User
from dashboard.people.services import (
    disable_account,
    end_sessions,
    reset_path,
    seal_invite,
)

INVITE_LIVES = timedelta(days=7)


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("username", "name", "is_active", "is_staff", "last_login")
    actions = ("make_reset_link", "disable")

    @admin.action(description=_("Make a link to set a new password"))
    def make_reset_link(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in people:
            show_link(request, person.username, reset_path(person))

    @admin.action(description=_("Disable the account and end its sessions"))
    def disable(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in people:
            if person == request.user:
                messages.warning(request, _("Your own account was left as it is."))
            else:
                disable_account(person)

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if change and {"is_active", "password"} & set(form.changed_data):
            end_sessions(obj)


@admin.register(Invite)
class InviteAdmin(admin.ModelAdmin):
    list_display = ("note", "administrator", "created_by", "expires_at", "used_by")
    list_select_related = ("created_by", "used_by")
    filter_horizontal = ("groups",)
    readonly_fields = ("created_by", "created_at", "used_at", "used_by")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"expires_at": timezone.now() + INVITE_LIVES}

    def save_model(
        self, request: HttpRequest, obj: Invite, form: ModelForm, change: bool
    ) -> None:
        path = "" if change else seal_invite(obj)
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        if path:
            show_link(request, obj.note, path)
