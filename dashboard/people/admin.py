"""People and invites in the admin."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.live.bus import publish
from dashboard.live.events import ModelsChanged
from dashboard.people.links import show_link
from dashboard.people.models import Invite, User
from dashboard.people.services import (
    disable_account,
    end_sessions,
    reset_path,
    seal_invite,
)

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
INVITE_LIVES = timedelta(days=7)


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("username", "name", "is_active", "is_staff", "last_login")
    actions = ("make_reset_link", "disable")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Only an administrator lays hands on administrators, here or by an action."""
        people = super().get_queryset(request)
        return (
            people if _is_administrator(request) else people.exclude(is_superuser=True)
        )

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> tuple[str, ...]:
        """Whoever is no administrator gives away no rights."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if _is_administrator(request) else (*fields, *RIGHTS)

    @admin.display(description=_("full name"))
    def name(self, person: User) -> str:
        return person.name

    @admin.action(
        description=_("Make a link to set a new password"), permissions=["change"]
    )
    def make_reset_link(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in people:
            show_link(request, person.username, reset_path(person))

    @admin.action(
        description=_("Disable the account and end its sessions"),
        permissions=["change"],
    )
    def disable(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in people:
            if person == request.user:
                messages.warning(request, _("Your own account was left as it is."))
            else:
                disable_account(person)
                said = _("%(name)s is disabled and signed out.")
                messages.success(request, said % {"name": person.username})

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data:
            end_sessions(obj)

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        """Who is in which group decides what pages may offer."""
        super().save_related(request, form, formsets, change)
        if change and {"groups", "is_superuser"} & {*form.changed_data}:
            publish(ModelsChanged())

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002
        form_url: str = "",
    ) -> HttpResponse:
        response = super().user_change_password(request, id, form_url)
        person = self.get_object(request, id)
        if person and response.status_code == HTTPStatus.FOUND:
            end_sessions(person)
        return response

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        end_sessions(obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            end_sessions(person)
        super().delete_queryset(request, queryset)


def _is_administrator(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


@admin.register(Invite)
class InviteAdmin(admin.ModelAdmin):
    list_display = ("note", "administrator", "created_by", "expires_at", "used_by")
    list_select_related = ("created_by", "used_by")
    filter_horizontal = ("groups",)
    readonly_fields = ("created_by", "created_at", "used_at", "used_by")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Invite | None = None
    ) -> tuple[str, ...]:
        """Who is no administrator cannot make one, nor give away rights of groups."""
        if _is_administrator(request):
            return self.readonly_fields
        return (*self.readonly_fields, "administrator", "groups")

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
