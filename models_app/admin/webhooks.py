"""Webhooks in the admin: their URL typed and never shown again, and tested in a sentence."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.admin.read_only import ReadOnlyAdmin
from models_app.alerts.messages import told_of
from models_app.alerts.posting import outcome_sentence
from models_app.alerts.webhooks import (
    LONGEST,
    save_webhook,
    shown_address,
    try_webhook,
)
from models_app.alerts.words import heading
from models_app.models import AlertKind, Delivery, Webhook


class WebhookForm(forms.ModelForm):
    """Whoever knows the URL may write there, so that it is a secret like a key."""

    url = forms.CharField(
        label=gettext_lazy("URL"),
        required=False,
        max_length=LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "size": 60}),
        help_text=gettext_lazy(
            "Where the messages are posted, as the other program shows it. It is stored "
            "encrypted and not shown again. Empty keeps what is stored."
        ),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds"),
        choices=AlertKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: all."),
    )

    class Meta:
        model = Webhook
        fields = ("name", "style", "kinds", "enabled")

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not url and self.instance.sealed_url:
            return ""
        try:
            shown_address(url)
        except ValueError as failure:
            raise forms.ValidationError(_(str(failure))) from failure
        return url


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):
    form = WebhookForm
    list_display = ("name", "address", "style", "enabled", "outcome_at", "went")
    fields = ("name", "url", "style", "kinds", "enabled", "address", "went")
    readonly_fields = ("address", "went")
    actions = ("send_test",)

    @admin.display(description=gettext_lazy("how that went"))
    def went(self, webhook: Webhook) -> str:
        return outcome_sentence(webhook.outcome, webhook.outcome_facts) or "–"

    def save_model(
        self, request: HttpRequest, obj: Webhook, form: Any, change: bool
    ) -> None:
        save_webhook(obj, url=form.cleaned_data["url"])

    def response_add(self, request: HttpRequest, obj: Webhook, *_: Any) -> HttpResponse:
        return self._then_test(request, obj) or super().response_add(request, obj)

    def response_change(self, request: HttpRequest, obj: Webhook) -> HttpResponse:
        return self._then_test(request, obj) or super().response_change(request, obj)

    def _then_test(self, request: HttpRequest, webhook: Webhook) -> HttpResponse | None:
        if "_test" not in request.POST:
            return None
        self._test(request, webhook)
        return HttpResponseRedirect(
            reverse("admin:models_app_webhook_change", args=[webhook.pk])
        )

    @admin.action(description=gettext_lazy("Send a test"), permissions=["change"])
    def send_test(self, request: HttpRequest, webhooks: QuerySet[Webhook]) -> None:
        for webhook in webhooks:
            self._test(request, webhook)

    def _test(self, request: HttpRequest, webhook: Webhook) -> None:
        """Here alone somebody waits for the other program."""
        outcome = try_webhook(webhook)
        facts = {
            "name": webhook.name,
            "outcome": outcome_sentence(outcome.code, outcome.facts),
        }
        level = messages.SUCCESS if outcome.well else messages.ERROR
        told = _("A test was sent to %(name)s. %(outcome)s") % facts
        self.message_user(request, told, level)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What each webhook was told, or was not."""

    list_display = ("title", "event", "webhook", "status", "went")
    fields = readonly_fields = (
        *("words", "event", "webhook", "status", "tries", "next", "went"),
    )
    list_filter = ("status", "webhook", "event")
    list_select_related = ("webhook", "alert")

    @admin.display(description=gettext_lazy("alert"))
    def title(self, delivery: Delivery) -> str:
        return heading(delivery.alert)

    @admin.display(description=gettext_lazy("alert"))
    def words(self, delivery: Delivery) -> str:
        return told_of(delivery.alert, delivery.event)

    @admin.display(description=gettext_lazy("next try"))
    def next(self, delivery: Delivery) -> Any:
        waits = delivery.status == Delivery.Status.WAITING
        return delivery.next_try_at if waits else None

    @admin.display(description=gettext_lazy("how that went"))
    def went(self, delivery: Delivery) -> str:
        return outcome_sentence(delivery.outcome, delivery.outcome_facts) or "–"
