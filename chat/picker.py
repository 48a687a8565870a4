"""The options of the picker: made once of each snapshot, for there may be thousands."""

from collections.abc import Sequence

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dashboard.people.models import User
from models_app.advice import ago
from models_app.queries import Target, targets_for
from models_app.snapshot import snapshot

NAMED = 3
"""How many servers of a model an option names."""


def options_for(person: User, *, chosen: str) -> SafeString:
    """What the person may choose, as `<option>`s; `chosen` is selected if it is there."""
    kept = snapshot(person).made(
        ("options", get_language()), lambda: _options(targets_for(person))
    )
    value = f'value="{escape(chosen)}"'
    # All of it is escaped where it is made; a value stands there once, or never.
    return mark_safe(kept.replace(value, f"{value} selected", 1))  # noqa: S308


def _options(targets: Sequence[Target]) -> SafeString:
    presets = [each for each in targets if each.is_preset]
    models = [each for each in targets if not each.is_preset]
    groups = [(_("Presets"), presets), (_("Models"), models)]
    return format_html_join(
        "",
        '<optgroup label="{}">{}</optgroup>',
        ((label, _group(members)) for label, members in groups if members),
    )


def _group(targets: Sequence[Target]) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((each.key, _mark(each), _words(each)) for each in targets),
    )


def _mark(target: Target) -> SafeString | str:
    """Greyed, with an age that grows, while none of its servers answers."""
    return "" if target.up else format_html(' class="{}" data-ages', "away")


def _words(target: Target) -> str:
    label = f"{target.icon} {target.label}".strip()
    return f"{label} · {_place(target)}{_state(target)}"


def _place(target: Target) -> str:
    if target.is_preset:
        return target.model
    more = len(target.servers) - NAMED
    named = ", ".join(target.servers[:NAMED])
    return f"{named} +{more}" if more > 0 else named


def _state(target: Target) -> str:
    if not target.up:
        return f" ({_away(target)})"
    if not target.taking:
        return f" ({_('takes nothing new')})"
    if target.waiting:
        waiting = ngettext("%(count)s waiting", "%(count)s waiting", target.waiting)
        return f" ({waiting % {'count': target.waiting}})"
    return ""


def _away(target: Target) -> str:
    if target.seen_at is None:
        return _("away")
    return _("away, seen %(ago)s") % {"ago": ago(target.seen_at)}
