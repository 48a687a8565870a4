"""Servers, models and presets in the admin."""

from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.jobs import enqueue
from dashboard.sentences import sentence_for
from models_app.adapters.client import root_of
from models_app.health import refresh_all
from models_app.models import Backend, FoundServer, LanguageModel, Preset
from models_app.sealing import seal
from models_app.services.backends import models_changed
from models_app.services.found_servers import add_found

NAMED = 20
"""How many models a warning names."""


class BackendForm(forms.ModelForm):
    """A server's key is typed, never shown; a new URL wants it typed again."""

    key = forms.CharField(
        label=gettext_lazy("key"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "What the server wants as Bearer token. Empty keeps what is stored; "
            "when the base URL changes, the stored key is forgotten."
        ),
    )
    forget_key = forms.BooleanField(
        label=gettext_lazy("forget the stored key"), required=False
    )

    class Meta:
        model = Backend
        fields = ("name", "kind", "base_url", "groups", "max_parallel", "enabled")

    def clean_base_url(self) -> str:
        try:
            return root_of(self.cleaned_data["base_url"])
        except ValueError as failure:
            raise forms.ValidationError(_(str(failure))) from failure

    def save(self, commit: bool = True) -> Backend:
        typed = self.cleaned_data.get("key", "")
        if typed:
            self.instance.sealed_key = seal(typed)
        elif "base_url" in self.changed_data or self.cleaned_data.get("forget_key"):
            # A key must never travel to a server that it was not typed for.
            self.instance.sealed_key = ""
        saved: Backend = super().save(commit)
        return saved


@admin.register(Backend)
class BackendAdmin(admin.ModelAdmin):
    form = BackendForm
    list_display = ("name", "kind", "base_url", "state", "seen_at", "enabled")
    list_filter = ("kind", "enabled")
    filter_horizontal = ("groups",)
    actions = ("test_connection",)

    @admin.display(description=gettext_lazy("state"))
    def state(self, backend: Backend) -> str:
        if backend.failure_code:
            return sentence_for(backend.failure_code, backend.failure_facts)
        if backend.seen_at is None:
            return _("not asked yet")
        listed = backend.language_models.filter(listed=True).count()
        return ngettext(
            "answers, %(count)s model", "answers, %(count)s models", listed
        ) % {"count": listed}

    @admin.action(description=gettext_lazy("Test connection"), permissions=["change"])
    def test_connection(
        self, request: HttpRequest, backends: QuerySet[Backend]
    ) -> None:
        """Ask each server for its models now, and say what it answered."""
        async_to_sync(refresh_all)(list(backends))
        for backend in backends.all():
            level = messages.SUCCESS if backend.up else messages.ERROR
            said = self.state(backend)
            if backend.up:
                said = f"{backend}: {said}"
            self.message_user(request, said, level)

    def save_model(
        self, request: HttpRequest, obj: Backend, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        enqueue("models_app.refresh_backend", obj.pk)

    def save_related(self, *given: Any) -> None:
        """The groups are saved last; only now may anybody look anew."""
        super().save_related(*given)
        models_changed()


@admin.register(LanguageModel)
class LanguageModelAdmin(admin.ModelAdmin):
    """What the servers list; read, not written."""

    list_display = ("name", "backend", "context", "quantization", "listed", "seen_at")
    list_filter = ("backend", "listed")
    list_select_related = ("backend",)
    search_fields = ("name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Preset)
class PresetAdmin(admin.ModelAdmin):
    list_display = ("name", "model", "enabled")
    filter_horizontal = ("groups",)
    search_fields = ("name", "model")

    def save_model(
        self, request: HttpRequest, obj: Preset, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        listed = LanguageModel.objects.filter(listed=True)
        if not listed.filter(name=obj.model).exists():
            known = listed.order_by("name").values_list("name", flat=True).distinct()
            said = _(
                "No server lists “%(model)s”, so nobody sees this. Known: %(known)s."
            )
            facts = {"model": obj.model, "known": ", ".join(known[:NAMED]) or "–"}
            self.message_user(request, said % facts, messages.WARNING)

    def save_related(self, *given: Any) -> None:
        super().save_related(*given)
        models_changed()


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
