"""The page of one's own keys: a secret is seen once, and nothing typed is lost."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from dashboard.people.models import User
from models_app.models import ApiKey
from models_app.services.api_keys import key_of, make_key
from models_app.snapshot import forget
from tests.make import make_model, make_person, make_preset

pytestmark = pytest.mark.django_db
PAGE = "/keys/"
NEW = {"name": "laptop", "expires": "never"}


def words(response: object) -> str:
    return " ".join(response.content.decode("utf-8").split())  # type: ignore[attr-defined]


def secret_in(shown: str) -> str:
    return shown.partition("data-secret>")[2].partition("<")[0]


def test_a_secret_is_shown_in_the_answer_and_never_again(signed_in: Client) -> None:
    made = signed_in.post(PAGE, NEW)

    secret = secret_in(words(made))
    assert key_of(secret) == ApiKey.objects.get()
    assert "no-store" in made["Cache-Control"]
    assert secret not in words(signed_in.get(PAGE))
    assert secret not in str(dict(signed_in.session))


def test_the_examples_are_filled_in_with_the_new_key_once(
    signed_in: Client, settings: Settings
) -> None:
    settings.PADDOCK_URL = "https://paddock.lab"
    make_model("qwen3:0.6b")
    before = words(signed_in.get(PAGE))

    shown = words(signed_in.post(PAGE, NEW))

    secret = secret_in(shown)
    assert "https://paddock.lab/key/pdk-…" in shown
    assert shown.count(secret) == 7
    assert before.count("pdk-YOUR-KEY") == 6
    assert "https://paddock.lab/v1" in before
    assert "qwen3:0.6b" in before


def test_a_key_is_for_chosen_models_for_a_time_and_so_often(
    signed_in: Client, person: User
) -> None:
    make_model("tiny")
    make_preset(name="Reviewer", model="tiny")
    chosen = {"allowed_models": ["Reviewer"], "requests_a_minute": "60"}

    shown = words(signed_in.post(PAGE, {**NEW, **chosen, "expires": "30"}))

    key = ApiKey.objects.get()
    assert (key.person, key.allowed_models) == (person, ["Reviewer"])
    assert key.requests_a_minute == 60
    assert key.expires_at is not None
    assert abs(key.expires_at - timezone.now() - timedelta(days=30)) < timedelta(
        hours=1
    )
    assert '"model": "Reviewer",' in shown.replace("&quot;", '"')


def test_a_last_day_is_a_whole_day_of_the_house(
    signed_in: Client, settings: Settings
) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    year = timezone.now().year + 5

    signed_in.post(PAGE, {**NEW, "expires": "date", "last_day": f"{year}-12-31"})

    expires = ApiKey.objects.get().expires_at
    assert expires is not None
    assert expires.isoformat() == f"{year}-12-31T16:00:00+00:00"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Write a name, such as"),
        ({"name": "taken"}, "You have a key with the name “taken” already."),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"expires": "soon"}, "Choose one of the list."),
        ({"expires": "date"}, "Choose the last day of the key."),
        ({"expires": "date", "last_day": "2001-01-01"}, "That day is over."),
        ({"expires": "date", "last_day": "9999-12-31"}, "lasts ten years at most."),
        ({"expires": "date", "last_day": "tomorrow"}, "Write the day as 2030-12-31."),
        ({"requests_a_minute": "0"}, "At least one request a minute."),
        ({"requests_a_minute": "ten"}, "Write a whole number."),
        ({"allowed_models": ["gone"]}, "is not there any more"),
    ],
)
def test_what_cannot_be_says_why_and_keeps_what_was_typed(
    signed_in: Client, person: User, typed: dict[str, str], sentence: str
) -> None:
    make_model("tiny")
    make_key(person, "taken")
    given = {**NEW, "requests_a_minute": "7", "allowed_models": ["tiny"], **typed}

    response = signed_in.post(PAGE, given)

    shown = words(response)
    assert response.status_code == 422
    assert sentence in shown
    assert "data-secret" not in shown
    assert f'value="{given["requests_a_minute"]}"' in shown
    assert ('value="tiny" id="key-allowed_models_0" checked' in shown) is (
        "allowed_models" not in typed
    )
    assert ApiKey.objects.count() == 1


def test_ones_own_keys_are_listed_until_they_are_revoked(
    signed_in: Client, person: User
) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    make_key(person, "old", expires_at=yesterday)
    key = make_key(person, "laptop", allowed_models=["tiny"]).key
    make_key(make_person(), "theirs")
    shown = words(signed_in.get(PAGE))
    assert f"{key.prefix}…" in shown
    assert "expired" in shown
    assert "theirs" not in shown

    response = signed_in.post(reverse("key-revoke", args=[key.pk]), follow=True)

    assert "“laptop” is revoked." in words(response)
    assert "old" in words(response)
    assert f"{key.prefix}…" not in words(response)


def test_nobody_revokes_the_key_of_somebody_else(
    signed_in: Client, admin: User
) -> None:
    made = make_key(admin, "theirs")

    response = signed_in.post(reverse("key-revoke", args=[made.key.pk]))

    assert response.status_code == 404
    assert key_of(made.secret)


def test_where_there_is_no_model_it_says_how_to_get_one(signed_in: Client) -> None:
    shown = words(signed_in.get(PAGE))

    assert "There is no model here yet" in shown
    assert "Ask the administrators for one" in shown
    assert "<figure" not in shown


def test_models_of_others_are_neither_offered_nor_taken(
    signed_in: Client, person: User
) -> None:
    model = make_model("secret-model")
    model.backend.groups.create(name="others")
    forget()

    shown = words(signed_in.post(PAGE, {**NEW, "allowed_models": ["secret-model"]}))

    assert "is not there any more" in shown
    assert "secret-model" not in shown
