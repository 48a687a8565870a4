"""A list of words in the admin, one a line."""

from typing import Any

from django import forms


class LinesField(forms.Field):
    """Lines without what stands around them, each once."""

    widget = forms.Textarea(
        attrs={"rows": 4, "cols": 60, "spellcheck": "false", "autocapitalize": "none"}
    )

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        typed = value if isinstance(value, list) else str(value or "").splitlines()
        lines = (each.replace("\0", "").strip() for each in typed)
        return list(dict.fromkeys(filter(None, lines)))
