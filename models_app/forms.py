"""What people type about pulls: which model, to which servers, and a word on a request."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dashboard.errors import (
    AlreadyThere,
    BackendCannotDo,
    DashboardError,
    NameUnfit,
    NoServerChosen,
    NotFound,
)
from dashboard.sentences import told
from models_app.models import Backend
from models_app.models.language_model import LONGEST_NAME
from models_app.services.pull_requests import LONGEST_WORD

FIELDS: Mapping[type[DashboardError], str] = {
    AlreadyThere: "name",
    NameUnfit: "name",
    NoServerChosen: "servers",
    BackendCannotDo: "servers",
    NotFound: "servers",
}
NAME_ERRORS = {"required": _("Write the name of a model, for example qwen3:0.6b.")}
SERVER_ERRORS = {
    "required": _("Choose at least one server."),
    "invalid_choice": _("That server is not there any more. Choose another one."),
}


class ToldForm(forms.Form):
    """Shows an error of ours at the field that it is about."""

    fields_of = FIELDS

    def tell(self, failure: DashboardError) -> None:
        field = self.fields_of.get(type(failure))
        self.add_error(field if field in self.fields else None, told(failure))


def choices_of(servers: Iterable[Backend]) -> list[tuple[int, str]]:
    return [(each.pk, each.name) for each in servers]


class ServersField(forms.TypedMultipleChoiceField):
    """Several servers, by number."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(
            coerce=int,
            empty_value=[],
            label=_("To these servers"),
            error_messages=SERVER_ERRORS,
            **options,
        )


class PullForm(ToldForm):
    """A model for one server or several; where there is but one, it is chosen."""

    name = forms.CharField(
        label=_("Model"), max_length=LONGEST_NAME, error_messages=NAME_ERRORS
    )
    servers = ServersField()

    def __init__(
        self,
        typed: QueryDict | None = None,
        *,
        servers: Iterable[Backend],
        named: str = "",
    ) -> None:
        super().__init__(typed, auto_id="pull-%s", initial={"name": named})
        offered = choices_of(servers)
        field = self.fields["servers"]
        field.choices = offered  # type: ignore[attr-defined]
        if len(offered) == 1:
            field.initial = [offered[0][0]]
        self.fields["name"].widget.attrs.update(
            autocomplete="off", autocapitalize="none", spellcheck="false"
        )


class WishForm(ToldForm):
    """What a member asks the administrators for."""

    fields_of = {**FIELDS, BackendCannotDo: "server", NotFound: "server"}
    there = ""
    """The model that they can use already, where that is why it cannot be asked for."""

    name = forms.CharField(
        label=_("Model"), max_length=LONGEST_NAME, error_messages=NAME_ERRORS
    )
    server = forms.TypedChoiceField(
        label=_("On which server"),
        required=False,
        coerce=int,
        empty_value=None,
        error_messages=SERVER_ERRORS,
    )
    why = forms.CharField(
        label=_("What for (may stay empty)"), required=False, max_length=LONGEST_WORD
    )

    def __init__(
        self,
        typed: QueryDict | None = None,
        *,
        servers: Iterable[Backend],
        named: str = "",
    ) -> None:
        super().__init__(typed, auto_id="wish-%s", initial={"name": named})
        field = self.fields["server"]
        field.choices = [("", _("any")), *choices_of(servers)]  # type: ignore[attr-defined]
        self.fields["name"].widget.attrs.update(
            autocomplete="off", autocapitalize="none", spellcheck="false"
        )
        self.fields["why"].widget.attrs.update(autocomplete="off")


class AnswerForm(ToldForm):
    """Servers for what was asked for, and a word to those who asked."""

    servers = ServersField(required=False)
    word = forms.CharField(
        label=_("A word to those who asked"), required=False, max_length=LONGEST_WORD
    )

    def __init__(
        self,
        typed: QueryDict | None = None,
        *,
        number: int,
        servers: Iterable[Backend],
        chosen: Iterable[Backend] = (),
    ) -> None:
        initial = {"servers": [each.pk for each in chosen]}
        super().__init__(typed, auto_id=f"answer-{number}-%s", initial=initial)
        self.fields["servers"].choices = choices_of(servers)  # type: ignore[attr-defined]
        self.fields["word"].widget.attrs.update(autocomplete="off", **{"data-kept": ""})
        self.fields["servers"].widget.attrs["data-kept"] = ""
