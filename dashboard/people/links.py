"""One-time links, shown once: there is no mail server to send them."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _


def absolute(path: str) -> str:
    """The address of a path as people type it."""
    return f"{settings.PADDOCK_URL}{path}"


def show_link(request: HttpRequest, whom: str, path: str) -> None:
    """Put the link for `whom` on the next page, to be copied and handed over."""
    text = _("Link for %(whom)s, shown only now. Copy it and hand it over:")
    said = format_html(
        '{} <a class="handover" href="{}">{}</a>',
        text % {"whom": whom},
        path,
        absolute(path),
    )
    messages.success(request, said)
