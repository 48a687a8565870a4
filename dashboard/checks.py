"""What must hold before Paddock serves a house, each with an id."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security)
def url_names_an_address(**_: Any) -> list[checks.CheckMessage]:
    url = urlsplit(settings.PADDOCK_URL)
    if url.scheme in ("http", "https") and url.hostname:
        return []
    return [
        checks.Error(
            f"PADDOCK_URL is {settings.PADDOCK_URL!r}, which is no address.",
            hint="Set it to what people type, for example http://paddock.lan:8420.",
            id="dashboard.E001",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def secret_key_is_given(**_: Any) -> list[checks.CheckMessage]:
    """Several web processes must share one key; a made one lives on one machine."""
    if len(settings.SECRET_KEY) >= 50:
        return []
    return [
        checks.Warning(
            "The secret key is short.",
            hint="Set PADDOCK_SECRET_KEY to 50 random characters or more.",
            id="dashboard.W001",
        )
    ]
