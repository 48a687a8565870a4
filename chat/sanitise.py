"""The last word on what HTML of ours may hold: whatever came before, only this gets out."""

import nh3
from django.utils.safestring import SafeString, mark_safe

from chat.highlight import CLASSES
from chat.latex import MATHML, MATHML_VALUES
from chat.links import SCHEMES

TEXT = """
    a blockquote br code div em figcaption figure h2 h3 h4 h5 h6 hr li ol p pre s span
    strong table tbody td th thead tr ul
"""
SIDES = {"left", "center", "right"}
FOCUSABLE = {"tabindex": {"0"}}
"""Whatever may scroll must take the focus, for those who have no mouse."""

CLEANER = nh3.Cleaner(
    tags={*TEXT.split(), *MATHML},
    attributes={
        "*": set(),
        "a": {"href"},
        "figure": {"data-lang"},
        "ol": {"start"},
        **MATHML,
    },
    tag_attribute_values={
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
        "pre": {"unread"},
        "span": {"math", *CLASSES.values()},
        "td": SIDES,
        "th": SIDES,
    },
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="noopener noreferrer nofollow",
    url_schemes=SCHEMES,
    url_relative="deny",
)


def sanitised(html: str) -> SafeString:
    """The HTML without all that a message has no use for."""
    return mark_safe(CLEANER.clean(html))  # noqa: S308
