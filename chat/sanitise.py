"""The last word on what HTML of ours may hold: whatever came before, only this gets out."""

import re

import nh3
from django.utils.safestring import SafeString, mark_safe

from chat.footnotes import ANCHOR
from chat.latex import MATHML, MATHML_VALUES
from chat.links import SCHEMES
from dashboard.highlight import CLASSES

TEXT = """
    a blockquote br code div em figcaption figure h2 h3 h4 h5 h6 hr li ol p pre s span
    strong sup table tbody td th thead tr ul
"""
SIDES = {"left", "center", "right"}
FOCUSABLE = {"tabindex": {"0"}}
"""Whatever may scroll must take the focus, for those who have no mouse."""

NOTE_LINK = re.compile(r'<a (?:[a-z]+="[^"]*" )*?href="#[^<>]*>')
OF_A_LINK_AWAY = re.compile(r' (?:rel|target)="[^"]*"')


def _note_only(url: str) -> str | None:
    """Inside the page a link leads to a note or back, and nowhere else."""
    return url if url[:1] == "#" and ANCHOR.fullmatch(url, 1) else None


def _ours_only(tag: str, name: str, value: str) -> str | None:
    return None if name == "id" and not ANCHOR.fullmatch(value) else value


CLEANER = nh3.Cleaner(
    tags={*TEXT.split(), *MATHML},
    attributes={
        "*": set(),
        "a": {"href", "id"},
        "figure": {"data-lang"},
        "li": {"id"},
        "ol": {"start"},
        **MATHML,
    },
    tag_attribute_values={
        "a": {"role": {"doc-backlink", "doc-noteref"}},
        "div": FOCUSABLE,
        "pre": FOCUSABLE,
        "span": FOCUSABLE,
        **MATHML_VALUES,
    },
    allowed_classes={
        "code": {"latex"},
        "div": {"table"},
        "figure": {"code"},
        "li": {"task"},
        "mtd": SIDES,
        "ol": {"notes"},
        "pre": {"unread"},
        "span": {"math", *CLASSES.values()},
        "td": SIDES,
        "th": SIDES,
    },
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="noopener noreferrer nofollow",
    url_schemes=SCHEMES,
    url_relative=_note_only,
    attribute_filter=_ours_only,
)


def sanitised(html: str) -> SafeString:
    """The HTML without all that a message has no use for."""
    return mark_safe(NOTE_LINK.sub(_in_this_page, CLEANER.clean(html)))  # noqa: S308


def _in_this_page(link: re.Match[str]) -> str:
    """The link to a note without the tab of its own that the cleaner gives to each."""
    return OF_A_LINK_AWAY.sub("", link[0])
