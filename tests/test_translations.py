"""The Chinese of every sentence, and that what is served is what was translated."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import django
import polib
import pytest
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from dashboard.django_words import SENTENCES
from dashboard.people.models import User

LOCALE = Path(__file__).parent.parent / "locale" / "zh_Hans" / "LC_MESSAGES"
GAP = re.compile(r"%\(\w+\)s")


def entries() -> list[polib.POEntry]:
    return list(polib.pofile(str(LOCALE / "django.po")))


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_the_compiled_file_is_the_written_one(domain: str) -> None:
    compiled = polib.mofile(str(LOCALE / f"{domain}.mo"))
    written = polib.pofile(str(LOCALE / f"{domain}.po"))

    assert by_sentence(compiled) == by_sentence(written)


def djangos(app: str, domain: str = "django") -> set[str]:
    """What Django's own Chinese has a sentence for."""
    place = Path(django.__file__).parent / "contrib" / app / "locale" / "zh_Hans"
    return {
        each.msgid for each in polib.mofile(str(place / "LC_MESSAGES" / f"{domain}.mo"))
    }


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_djangos_chinese_lacks_is_said_in_ours(sentence: str) -> None:
    assert sentence not in djangos("admin")
    with override("zh-hans"):
        assert gettext(sentence) != sentence


def test_a_password_that_is_too_short_is_refused_in_chinese() -> None:
    with override("zh-hans"), pytest.raises(ValidationError) as refused:
        MinimumLengthValidator().validate("short")

    assert refused.value.messages == ["密码太短，至少需要 8 个字符。"]


@pytest.mark.django_db
def test_what_the_admins_scripts_lack_is_served_to_them(
    client: Client, admin: User
) -> None:
    lacking = [each.msgid for each in polib.pofile(str(LOCALE / "djangojs.po"))]
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("admin:jsi18n")

    served = client.get(page, headers={"accept-language": "zh-hans"}).content.decode()

    assert not djangos("admin", "djangojs") & {*lacking}
    assert all(json.dumps(each) in served for each in lacking)


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
