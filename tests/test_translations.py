"""The Chinese of every sentence, and that what is served is what was translated."""

import re
from collections.abc import Iterable
from pathlib import Path

import polib
import pytest

LOCALE = Path(__file__).parent.parent / "locale" / "zh_Hans" / "LC_MESSAGES"
GAP = re.compile(r"%\(\w+\)s")


def entries() -> list[polib.POEntry]:
    return list(polib.pofile(str(LOCALE / "django.po")))


def test_the_compiled_file_is_the_written_one() -> None:
    compiled = polib.mofile(str(LOCALE / "django.mo"))

    assert by_sentence(compiled) == by_sentence(entries())


def by_sentence(entries: Iterable[polib.POEntry]) -> dict[tuple[str, str], str]:
    """One sentence may be said otherwise in another context."""
    return {
        (each.msgctxt or "", each.msgid): each.msgstr for each in entries if each.msgstr
    }


def gaps(text: str) -> set[str]:
    return set(GAP.findall(text))


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.msgid[:30])
def test_a_translation_has_the_gaps_of_its_sentence(entry: polib.POEntry) -> None:
    if entry.msgstr:
        assert gaps(entry.msgstr) == gaps(entry.msgid)
    for text in entry.msgstr_plural.values():
        assert gaps(text) == gaps(entry.msgid_plural)
