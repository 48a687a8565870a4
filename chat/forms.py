"""What a person types where no socket is open."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chat.services.conversations import LONGEST_TITLE
from chat.services.openings import REASON_LEAST
from chat.services.people import GRANTED
from chat.services.share_links import Lifetime
from chat.services.turns import How


class MessageForm(forms.Form):
    """The composer: a text, who shall answer, where, and the key of a harmless resend."""

    text = forms.CharField(max_length=settings.MESSAGE_MAX_LENGTH, strip=False)
    target = forms.CharField(max_length=310, required=False)
    key = forms.UUIDField(required=False)
    at = forms.IntegerField(required=False, min_value=0, max_value=2**62)
    how = forms.ChoiceField(choices=[(how, how) for how in How], required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["key"] = cleaned.get("key") or uuid.uuid4()
        cleaned["at"] = cleaned.get("at") or 0
        cleaned["how"] = cleaned.get("how") or How.FOLLOW
        return cleaned


class TitleForm(forms.Form):
    """The title of a conversation: one line."""

    title = forms.CharField(max_length=LONGEST_TITLE)


ROLES = [(role.value, role.label) for role in GRANTED]


class TeammateForm(forms.Form):
    username = forms.CharField(max_length=150)
    role = forms.ChoiceField(choices=ROLES, required=False)

    def clean_role(self) -> str:
        return self.cleaned_data["role"] or GRANTED[0]


class ShareLinkForm(forms.Form):
    role = forms.ChoiceField(choices=ROLES)
    lifetime = forms.TypedChoiceField(
        choices=Lifetime.choices, coerce=lambda hours: Lifetime(int(hours))
    )


class OpeningForm(forms.Form):
    """Why an administrator wants to read what others have said."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=REASON_LEAST,
        max_length=300,
        widget=forms.Textarea,
    )
