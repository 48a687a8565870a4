"""`manage.py create_key`, as scripts use it."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from dashboard.people.models import User
from models_app.models import ApiKey
from models_app.services.api_keys import key_of
from tests.make import make_model

pytestmark = pytest.mark.django_db


def run(*words: str) -> tuple[str, str]:
    """What it says, and what it says beside."""
    said, beside = StringIO(), StringIO()
    call_command("create_key", *words, stdout=said, stderr=beside)
    return said.getvalue(), beside.getvalue()


def test_the_secret_alone_is_printed(person: User) -> None:
    said, beside = run("olive", "nightly")

    key = key_of(said.removesuffix("\n"))
    assert key is not None
    assert (key.person, key.name, key.expires_at) == (person, "nightly", None)
    assert beside == ""


def test_what_the_key_may_is_given(person: User) -> None:
    make_model("tiny")
    make_model("Large")

    said, _ = run(
        *("olive", "nightly", "--days", "7", "--models", "tiny, large"),
        *("--requests-a-minute", "30"),
    )

    key = ApiKey.objects.get()
    assert said.count("\n") == 1
    assert (key.allowed_models, key.requests_a_minute) == (["tiny", "large"], 30)
    assert key.expires_at is not None
    assert abs(key.expires_at - timezone.now() - timedelta(days=7)) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("otto", "x"), "Nobody signs in as otto."),
        (("olive", "taken"), "olive has a key with the name “taken” already."),
        (("olive", " "), "A name has 1 to 80 characters."),
        (("olive", "x" * 81), "A name has 1 to 80 characters."),
        (("olive", "x", "--days", "0"), "--days must be a number from 1"),
        (("olive", "x", "--requests-a-minute", "-1"), "--requests-a-minute must be"),
    ],
)
def test_what_cannot_be_is_said(
    person: User, words: tuple[str, ...], sentence: str
) -> None:
    run("olive", "taken")

    with pytest.raises(CommandError, match=sentence):
        run(*words)

    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("there", "sentence"),
    [
        (
            ["tiny:1b", "large"],
            "“tinny” is nothing that olive may use. Is this meant: tiny:1b?",
        ),
        (["qwen3", "Large"], "may use. There is: Large, qwen3."),
        ([f"m{n}" for n in range(10)], "m7, and 2 more."),
        ([], "There is nothing yet: add a server, or leave --models out."),
    ],
)
def test_a_model_that_is_not_there_is_refused_with_what_is(
    person: User, there: list[str], sentence: str
) -> None:
    for name in there:
        make_model(name)

    with pytest.raises(CommandError, match=re.escape(sentence)):
        run("olive", "nightly", "--models", "tinny")

    assert not ApiKey.objects.exists()


def test_who_is_disabled_gets_no_key(person: User) -> None:
    User.objects.update(is_active=False)

    with pytest.raises(CommandError, match="olive is disabled"):
        run("olive", "x")
