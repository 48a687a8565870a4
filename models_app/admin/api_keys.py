"""Everybody's API keys in the admin: what each may, and its end; never a secret."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.requests import person_of
from models_app.admin.lines import LinesField
from models_app.key_queries import first_unknown
from models_app.models import ApiKey
from models_app.services.api_keys import revoke_key

SCHEMES = ("http", "https")


class ApiKeyForm(forms.ModelForm):
    allowed_models = LinesField(
        label=gettext_lazy("Models"),
        required=False,
        help_text=gettext_lazy(
            "Models and presets, one a line, as /v1/models lists them. Empty: all that its "
            "person may use."
        ),
    )
    origins = LinesField(
        label=gettext_lazy("Web pages that may use it"),
        required=False,
        help_text=gettext_lazy(
            "Origins, one a line, for example https://app.example.org. Scripts of these pages "
            "may use the key in a browser. Empty: none but our own; programs that are no "
            "browser are not concerned."
        ),
    )

    class Meta:
        model = ApiKey
        fields = (
            *("expires_at", "allowed_models", "requests_a_minute"),
            *("origins", "may_manage"),
        )

    def clean_allowed_models(self) -> list[str]:
        """What is new among them must be there; what was there may be away for a while."""
        names: list[str] = self.cleaned_data["allowed_models"]
        key: ApiKey = self.instance
        if name := first_unknown(key.person, names, besides=key.allowed_models):
            facts = {"name": name, "person": key.person}
            raise forms.ValidationError(
                _("“%(name)s” is no model or preset that %(person)s may use.") % facts
            )
        return names

    def clean_origins(self) -> list[str]:
        return [_origin(each) for each in self.cleaned_data["origins"]]


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return ApiKey.State.choices

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ApiKey]
    ) -> QuerySet[ApiKey]:
        now, keys = timezone.now(), ApiKey.objects
        chosen: dict[str | None, QuerySet[ApiKey]] = {
            ApiKey.State.LIVE: keys.live(now),
            ApiKey.State.EXPIRED: keys.expired(now),
            ApiKey.State.REVOKED: keys.exclude(revoked_at=None),
        }
        wanted = chosen.get(self.value())
        return queryset if wanted is None else queryset.filter(pk__in=wanted)


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """Keys are made by their persons, or by `manage.py create_key`: both show the secret
    once, to whoever is to have it."""

    form = ApiKeyForm
    list_display = (
        *("person", "named", "state", "used_at"),
        *("expires_at", "models"),
    )
    list_display_links = ("named",)
    list_filter = (StateFilter, "may_manage")
    list_select_related = ("person",)
    search_fields = (
        *("name", "prefix", "person__username"),
        *("person__first_name", "person__last_name"),
    )
    readonly_fields = (
        *("person", "name", "begins", "state", "created_at", "used_at", "revoked_at"),
    )
    fields = (*readonly_fields, *ApiKeyForm.Meta.fields)
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def named(self, key: ApiKey) -> str:
        """With its beginning: one name may be that of several."""
        return str(key)

    @admin.display(description=gettext_lazy("begins with"))
    def begins(self, key: ApiKey) -> str:
        return f"{key.prefix}…"

    @admin.display(description=gettext_lazy("state"))
    def state(self, key: ApiKey) -> str:
        return str(key.state_at(timezone.now()).label)

    @admin.display(description=gettext_lazy("models"))
    def models(self, key: ApiKey) -> str:
        return ", ".join(key.allowed_models) or _("all")

    @admin.action(description=gettext_lazy("Revoke"), permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys:
            revoke_key(key, by=person_of(request))
            said = _(
                "“%(name)s” is revoked. Whatever uses it is refused within a second."
            )
            self.message_user(request, said % {"name": key.name})


def _origin(typed: str) -> str:
    """As a browser names it: no path, no capitals, and no port that is the usual one."""
    try:
        parts = urlsplit(typed.casefold())
        port = parts.port
    except ValueError:
        raise _unfit(typed) from None
    rest = (parts.path.strip("/"), parts.query, parts.fragment, parts.username)
    if parts.scheme not in SCHEMES or not parts.hostname or any(rest):
        raise _unfit(typed)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    tail = "" if port in (None, usual) else f":{port}"
    return f"{parts.scheme}://{host}{tail}"


def _unfit(typed: str) -> forms.ValidationError:
    said = _("“%(typed)s” is no origin. Write it as https://app.example.org.")
    return forms.ValidationError(said % {"typed": typed})
