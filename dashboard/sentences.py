"""What an error says, in the language of the person who reads it."""

from collections.abc import Mapping
from typing import Protocol

from django.utils.formats import number_format
from django.utils.translation import gettext

from dashboard.errors import DashboardError, error_class


class Remark(Protocol):
    """What is no failure and has a sentence all the same, with facts in its gaps."""

    @property
    def sentence(self) -> str: ...

    @property
    def facts(self) -> Mapping[str, str | int]: ...


def phrase(remark: Remark) -> str:
    """Its sentence in the reader's language."""
    return gettext(remark.sentence) % remark.facts


def told(error: DashboardError) -> str:
    return sentence_for(error.code, error.facts)


def sentence_for(code: str, facts: Mapping[str, str | int]) -> str:
    """The sentence of a stored error; plain even when its facts are incomplete."""
    known = error_class(code)
    # Some details are words of ours; those of a server have no translation.
    detail = str(facts.get("detail") or "")
    facts = {**facts, "detail": gettext(detail)} if detail else facts
    amounts = {each: grouped(facts[each]) for each in known.counts if each in facts}
    facts = {**facts, **amounts}
    try:
        return gettext(known.sentence) % facts
    except KeyError:
        return gettext(DashboardError.sentence)


def grouped(amount: str | int) -> str:
    """A whole number with its thousands apart, as the reader writes it."""
    return number_format(amount, 0, use_l10n=True, force_grouping=True)
