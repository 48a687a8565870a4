"""What people choose for a new key."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashboard.errors import KeyNameTaken
from models_app.catalogue_forms import WHOLE, CountField
from models_app.energy.keeping import midnight
from models_app.forms import ToldForm
from models_app.models.api_key import LONGEST_KEY_NAME

NEVER, ON_DATE = "never", "date"
DAYS = ("30", "90", "365")
LONGEST = timedelta(days=3_653)
MOST_A_MINUTE = 1_000_000


class KeyForm(ToldForm):
    """A name, how long, for what and how often."""

    fields_of = {KeyNameTaken: "name"}

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_KEY_NAME,
        error_messages={
            "required": _("Write a name, such as that of the program or machine.")
        },
    )
    expires = forms.ChoiceField(
        label=_("Expires"),
        choices=(
            (NEVER, _("never")),
            ("30", _("in 30 days")),
            ("90", _("in 90 days")),
            ("365", _("in 365 days")),
            (ON_DATE, _("after a day that I choose")),
        ),
        initial=NEVER,
        error_messages={"invalid_choice": _("Choose one of the list.")},
    )
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("Write the day as 2030-12-31.")},
    )
    allowed_models = forms.MultipleChoiceField(
        label=_("Models"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _("One of these is not there any more. Choose again.")
        },
    )
    requests_a_minute = CountField(
        label=_("Requests a minute"),
        required=False,
        min_value=1,
        max_value=MOST_A_MINUTE,
        help_text=_("Empty: not limited by the key."),
        error_messages={
            **WHOLE,
            "min_value": _("At least one request a minute."),
            "max_value": _("At most 1,000,000 requests a minute."),
        },
    )

    def __init__(self, typed: QueryDict | None = None, *, names: list[str]) -> None:
        super().__init__(typed, auto_id="key-%s")
        self.fields["allowed_models"].choices = [(each, each) for each in names]  # type: ignore[attr-defined]
        self.fields["name"].widget.attrs.update(autocomplete="off")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        wanted = cleaned.get("expires") == ON_DATE and "last_day" in cleaned
        if wanted and (unfit := self._unfit(cleaned["last_day"])):
            self.add_error("last_day", unfit)
        return cleaned

    def _unfit(self, day: date | None) -> str:
        """Why it cannot be the last day of a key; "" for one that can."""
        today = timezone.localdate(timezone=timezone.get_default_timezone())
        if day is None:
            return gettext("Choose the last day of the key.")
        if day < today:
            return gettext("That day is over. Choose a later one.")
        if day > today + LONGEST:
            return gettext(
                "A key lasts ten years at most. Choose an earlier day, or “never”."
            )
        return ""

    def wanted(self, now: datetime) -> dict[str, Any]:
        """What `make_key` is told; a day is one of the house's time zone."""
        chosen = self.cleaned_data
        return {
            "allowed_models": chosen["allowed_models"],
            "requests_a_minute": chosen["requests_a_minute"],
            "expires_at": self._expires_at(now),
        }

    def _expires_at(self, now: datetime) -> datetime | None:
        choice = self.cleaned_data["expires"]
        if choice in DAYS:
            return now + timedelta(days=int(choice))
        if choice == ON_DATE:
            next_day = self.cleaned_data["last_day"] + timedelta(days=1)
            return midnight(next_day, timezone.get_default_timezone())
        return None
