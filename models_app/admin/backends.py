"""Model servers in the admin: added by their address alone, and tested in plain words."""

from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.errors import KeyUnreadable
from dashboard.sentences import told
from models_app.adapters import ADAPTERS, kinds
from models_app.adapters.client import root_of
from models_app.adapters.detect import Report, examine
from models_app.admin.telling import TellingAdmin
from models_app.advice import (
    advice,
    ago,
    busy,
    facts_of,
    last_reply,
    outcome,
    short,
)
from models_app.hardware import ONE_COMPUTER, card_choices, is_computer
from models_app.models import Backend
from models_app.queries import server_at
from models_app.sealing import unseal
from models_app.services.backends import look_soon, models_changed
from models_app.services.new_backends import save_backend


class BackendForm(forms.ModelForm):
    """A server's key is typed, never shown; a new URL wants it typed again."""

    key = forms.CharField(
        label=gettext_lazy("Key"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "What the server wants as Bearer token. Empty keeps what is stored; "
            "when the base URL changes, the stored key is forgotten."
        ),
    )
    forget_key = forms.BooleanField(
        label=gettext_lazy("Forget the stored key"), required=False
    )

    class Meta:
        model = Backend
        fields = (
            "base_url",
            "name",
            "kind",
            "groups",
            "max_parallel",
            "weight",
            "draining",
            "first_token_seconds",
            "silence_seconds",
            "card",
            "card_count",
            "slots",
            "node",
            "enabled",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = self.fields["card_count"].required = False
        self.fields["name"].help_text = _("Empty: proposed from the address.")
        self.fields["card"].widget = forms.Select(
            choices=[("", _("not known")), *card_choices()]
        )
        self.fields["kind"].widget.choices = [("", self._by_itself()), *kinds()]
        if not self.instance.kind_by_hand:
            self.initial["kind"] = ""

    def _by_itself(self) -> str:
        """What leaving the kind to Paddock comes to."""
        if self.instance.kind and not self.instance.kind_by_hand:
            return _("found out: %(kind)s") % {"kind": self.instance.get_kind_display()}
        return _("to be found out")

    def clean_card_count(self) -> int:
        count = int(self.cleaned_data["card_count"] or 1)
        if count > 1 and is_computer(self.cleaned_data.get("card", "")):
            raise forms.ValidationError(ONE_COMPUTER)
        return count

    def clean_base_url(self) -> str:
        try:
            base_url = root_of(self.cleaned_data["base_url"])
        except ValueError as failure:
            raise forms.ValidationError(_(str(failure))) from failure
        other = server_at(base_url, besides=self.instance)
        if other and base_url != self.instance.base_url:
            known = _("That is the address of %(name)s already.") % {"name": other}
            raise forms.ValidationError(known)
        return base_url


@admin.register(Backend)
class BackendAdmin(TellingAdmin):
    form = BackendForm
    list_display = (
        "name",
        "state",
        "kind",
        "load",
        "seen",
        "replied",
        "base_url",
        "enabled",
    )
    search_fields = ("name", "base_url")
    filter_horizontal = ("groups",)
    actions = ("look_now",)
    change_form_template = "admin/models_app/backend/change_form.html"
    fieldsets = (
        (None, {"fields": ("base_url", "key", "forget_key")}),
        (
            None,
            {"fields": ("name", "kind", "groups", "enabled", "draining")},
        ),
        (
            gettext_lazy("Hardware"),
            {"fields": ("node", "card", "card_count", "slots")},
        ),
        (
            gettext_lazy("Limits"),
            {
                "fields": (
                    "max_parallel",
                    "weight",
                    "first_token_seconds",
                    "silence_seconds",
                )
            },
        ),
    )

    @admin.display(description=gettext_lazy("state"))
    def state(self, backend: Backend) -> str:
        """In a few words; the page of the server has the whole sentence."""
        if backend.failure_code:
            return short(backend.failure_code, backend.failure_facts)
        if backend.draining:
            return _("takes nothing new")
        if backend.seen_at is None:
            return _("not asked yet")
        listed = backend.language_models.filter(listed=True).count()
        return ngettext(
            "answers, %(count)s model", "answers, %(count)s models", listed
        ) % {"count": listed}

    @admin.display(description=gettext_lazy("busy"))
    def load(self, backend: Backend) -> str:
        return busy(backend)

    @admin.display(description=gettext_lazy("listed models"), ordering="seen_at")
    def seen(self, backend: Backend) -> str:
        return ago(backend.seen_at)

    @admin.display(description=gettext_lazy("last reply"), ordering="replied_at")
    def replied(self, backend: Backend) -> str:
        return last_reply(backend, short)

    @admin.action(description=gettext_lazy("Look again now"), permissions=["change"])
    def look_now(self, request: HttpRequest, backends: QuerySet[Backend]) -> None:
        for backend in backends:
            look_soon(backend.pk)
        self.message_user(request, _("They are looked at now; reload in a moment."))

    def get_urls(self) -> list[URLPattern]:
        test = self.admin_site.admin_view(self.test_connection)
        ours = [
            path("<int:pk>/test/", test, name="models_app_backend_test"),
        ]
        return [*ours, *super().get_urls()]

    def test_connection(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the server everything that detection asks, and tell each answer."""
        backend = self.get_object(request, str(pk))
        if backend is None:
            raise Http404
        if not self.has_change_permission(request, backend):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **tested(backend),
            "title": _("Connection of %(name)s") % {"name": backend.name},
            "opts": self.opts,
            "backend": backend,
        }
        look_soon(backend.pk)
        return render(request, "admin/models_app/backend/test.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if backend := kwargs.get("obj"):
            context["facts"] = facts_of(backend)
        response: HttpResponse = super().render_change_form(
            request, context, *args, **kwargs
        )
        return response

    def response_add(self, request: HttpRequest, obj: Backend, *_: Any) -> HttpResponse:
        return self._then_test(request, obj) or super().response_add(request, obj)

    def response_change(self, request: HttpRequest, obj: Backend) -> HttpResponse:
        return self._then_test(request, obj) or super().response_change(request, obj)

    def _then_test(self, request: HttpRequest, backend: Backend) -> HttpResponse | None:
        if "_test" not in request.POST:
            return None
        self.message_user(
            request, _("Saved: %(name)s.") % {"name": backend}, messages.SUCCESS
        )
        return HttpResponseRedirect(
            reverse("admin:models_app_backend_test", args=[backend.pk])
        )

    def save_model(
        self, request: HttpRequest, obj: Backend, form: Any, change: bool
    ) -> None:
        save_backend(
            obj,
            kind=form.cleaned_data["kind"],
            key=form.cleaned_data["key"],
            forget_key=form.cleaned_data["forget_key"],
        )

    def save_related(self, *given: Any) -> None:
        """The groups are saved last; only now may anybody look anew."""
        super().save_related(*given)
        models_changed()


def tested(backend: Backend) -> dict[str, object]:
    """What the page of a test shows; here alone somebody waits for a server."""
    try:
        key = unseal(backend.sealed_key, server=backend.name)
    except KeyUnreadable as failure:
        return {"probes": [], "advice": told(failure), "well": False}
    report: Report = async_to_sync(examine)(backend.base_url, key=key)
    return {
        "probes": [(each, outcome(each)) for each in report.probes],
        "advice": advice(report),
        "well": bool(report.kind) and not report.locked,
        "other_kind": _other_kind(backend, report),
    }


def _other_kind(backend: Backend, report: Report) -> str:
    """What it looks like, where somebody has said that it is something else."""
    if not report.kind or not backend.kind_by_hand or report.kind == backend.kind:
        return ""
    return ADAPTERS[report.kind].label
