"""What a person types where no socket is open."""

import uuid
from typing import Any

from django import forms
from django.conf import settings


class MessageForm(forms.Form):
    """The composer: a text, who shall answer, and the key that makes a resend harmless."""

    text = forms.CharField(max_length=settings.MESSAGE_MAX_LENGTH, strip=False)
    target = forms.CharField(max_length=310, required=False)
    key = forms.UUIDField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["key"] = cleaned.get("key") or uuid.uuid4()
        return cleaned


class TeammateForm(forms.Form):
    username = forms.CharField(max_length=150)
