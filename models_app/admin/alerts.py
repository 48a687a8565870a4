"""Alerts in the admin: when they are said, and which were."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from models_app.admin.read_only import ReadOnlyAdmin
from models_app.alerts.over_words import over_sentence
from models_app.alerts.rule_bounds import wrong_with
from models_app.alerts.rule_words import RULE_WORDS, RuleWords, Words
from models_app.alerts.watch import dismiss
from models_app.alerts.words import heading, sentence
from models_app.models import Alert, AlertKind, AlertRule

NUMBERS = ("threshold", "second_threshold", "seconds")


def words_of(rule: AlertRule) -> RuleWords:
    return RULE_WORDS[AlertKind(rule.kind)]


def _with(words: Words, numbers: Mapping[str, float | None]) -> str:
    """The words with their numbers; "" where one lacks."""
    if not words or None in numbers.values():
        return ""
    return str(words % {name: f"{value:g}" for name, value in numbers.items()})


class AlertRuleForm(forms.ModelForm):
    """No rule is kept that could never say anything, or always does."""

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        for name in NUMBERS:
            wrong = wrong_with(AlertKind(self.instance.kind), name, told.get(name))
            if name in self.fields and name not in self.errors and wrong:
                self.add_error(name, wrong)
        return told


@admin.register(AlertRule)
class AlertRuleAdmin(admin.ModelAdmin):
    """One row a kind; they are changed, and neither added nor deleted."""

    form = AlertRuleForm
    list_display = ("name", "enabled", "limit", "time", "about")
    list_editable = ("enabled",)

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def name(self, rule: AlertRule) -> str:
        return str(rule)

    @admin.display(description=gettext_lazy("when it is said"))
    def limit(self, rule: AlertRule) -> str:
        words = words_of(rule)
        told = (
            (words.limit, {"threshold": rule.threshold}),
            (words.second_limit, {"second_threshold": rule.second_threshold}),
        )
        parts = (_with(text, number) for text, number in told)
        return ", ".join(each for each in parts if each) or "–"

    @admin.display(description=gettext_lazy("time"))
    def time(self, rule: AlertRule) -> str:
        said = _with(words_of(rule).time, {"seconds": rule.seconds})
        return said if rule.seconds else _("at once")

    @admin.display(description=gettext_lazy("what it says"))
    def about(self, rule: AlertRule) -> str:
        return str(words_of(rule).about)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        words = words_of(obj)
        numbers = tuple(each for each in NUMBERS if getattr(words, each))
        fields = {"fields": ("enabled", *numbers), "description": words.about}
        return ((None, fields),)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        if obj is not None:
            words = words_of(obj)
            kwargs["help_texts"] = {each: getattr(words, each) for each in NUMBERS}
        return super().get_form(request, obj, change, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """What was said, and what is watched until it has lasted."""

    list_display = ("title", "state", "began", "cleared_at")
    fields = readonly_fields = (
        *("words", "state", "began", "opened_at", "cleared_at"),
        *("kind", "node", "gpu_uuid", "backend"),
    )
    list_filter = ("kind", "node", "backend")
    list_select_related = ("node", "backend")
    actions = ("dismiss",)

    @admin.display(description=gettext_lazy("alert"))
    def title(self, alert: Alert) -> str:
        return heading(alert)

    @admin.display(description=gettext_lazy("alert"))
    def words(self, alert: Alert) -> str:
        return over_sentence(alert) if alert.cleared_at else sentence(alert)

    @admin.display(description=gettext_lazy("state"))
    def state(self, alert: Alert) -> str:
        if alert.cleared_at:
            return _("over")
        if alert.opened_at is None:
            return _("watched until it has lasted")
        return _("open, off the pages") if alert.dismissed else _("open")

    @admin.action(
        description=gettext_lazy("Take off the pages until it is over"),
        permissions=["dismiss"],
    )
    def dismiss(self, request: HttpRequest, alerts: QuerySet[Alert]) -> None:
        done = sum(dismiss(each.pk) for each in alerts)
        said = ngettext(
            "%(count)s alert is off the pages.",
            "%(count)s alerts are off the pages.",
            done,
        )
        self.message_user(request, said % {"count": done})

    def has_dismiss_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("models_app.change_alert")
