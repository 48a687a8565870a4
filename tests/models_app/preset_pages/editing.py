"""What is sent to the pages of presets, and read from them."""

import re
from html import unescape

from django.test import Client

from models_app.models import Preset

BY_HAND = "django.contrib.auth.backends.ModelBackend"


TEXT = """\
# Kept.
FROM tiny
PARAMETER temperature 0.7
SYSTEM Be brief.
"""


def form_of(preset: Preset, **changes: str) -> dict[str, str]:
    form = {"name": preset.name, "icon": preset.icon, "text": preset.text}
    return {**form, "enabled": "on", "based_on": "1", **changes}


def text_in(page: str, name: str = "text") -> str:
    found = re.search(
        rf'<textarea[^>]*\bname="{name}"[^>]*>\n(.*?)</textarea>', page, re.S
    )
    assert found
    return unescape(found[1])


def hidden_in(page: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="(\w+)"', page)
    assert found
    return found[1]


def checked(client: Client, text: str, **more: str) -> str:
    page = client.post("/presets/check/", {"text": text, **more})
    assert page.status_code == 200
    return page.content.decode()
