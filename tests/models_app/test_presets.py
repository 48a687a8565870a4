"""Presets as their service keeps them: text, what is derived, revisions, the default."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from dashboard.errors import (
    ModelfileUnsound,
    NotAllowed,
    NotFound,
    PresetNameTaken,
    PresetWentOn,
)
from dashboard.people.models import User
from models_app.models import Preset
from models_app.models.preset import check_icon
from models_app.queries import first_target_for, target_for
from models_app.services.presets import (
    Wanted,
    add_preset,
    end_default,
    make_default,
    restore_revision,
    save_preset,
)
from models_app.snapshot import forget
from tests.make import make_backend, make_model, make_preset
from tests.models_app.full_preset import EVERYTHING, PARAMETERS, TEXTS

pytestmark = pytest.mark.django_db

TEXT = "# Kept.\nFROM tiny\nSYSTEM Be brief.\nPARAMETER temperature 0.5\n"
WANTED = Wanted("Helper", TEXT, icon="🦉", description="Helps.")


def save(preset: int, by: User | None = None, *, based_on: int, text: str) -> None:
    save_preset(preset, replace(WANTED, text=text), based_on=based_on, by=by)


def test_a_preset_is_what_its_text_says(admin: User) -> None:
    preset = Preset.objects.get(pk=add_preset(WANTED, by=admin))

    assert (preset.text, preset.model, preset.system) == (TEXT, "tiny", "Be brief.")
    assert (preset.parameters, preset.revision) == ({"temperature": 0.5}, 1)
    revision = preset.revisions.get()
    assert (revision.number, revision.text, revision.by) == (1, TEXT, admin)


def test_what_is_derived_says_the_same_as_the_text_wherever_it_is_asked() -> None:
    pk = add_preset(Wanted("All", TEXTS + PARAMETERS), by=None)

    recipe = Preset.objects.get(pk=pk).recipe

    assert recipe.parameters == EVERYTHING.parameters
    assert recipe.messages == EVERYTHING.messages
    assert recipe.places == EVERYTHING.places
    assert all((recipe.template, recipe.licenses, recipe.drafts, recipe.requires))


def test_every_save_is_a_revision_with_its_note(admin: User) -> None:
    pk = add_preset(WANTED, by=admin)

    save_preset(pk, replace(WANTED, name="Aide", note="Renamed."), based_on=1, by=admin)

    newest, first = Preset.objects.get(pk=pk).revisions.all()
    assert (newest.number, newest.name, newest.note) == (2, "Aide", "Renamed.")
    assert (first.number, first.name) == (1, "Helper")


def test_a_text_with_errors_changes_nothing(admin: User) -> None:
    pk = add_preset(WANTED, by=admin)

    with pytest.raises(ModelfileUnsound):
        save(pk, admin, based_on=1, text="PARAMETER temperature hot")

    assert Preset.objects.get(pk=pk).text == TEXT


def test_a_newer_save_is_not_overwritten_in_silence(admin: User) -> None:
    pk = add_preset(WANTED, by=admin)
    save(pk, admin, based_on=1, text="FROM first")

    with pytest.raises(PresetWentOn, match="ada has saved"):
        save(pk, admin, based_on=1, text="FROM second")

    assert Preset.objects.get(pk=pk).model == "first"
    assert Preset.objects.get(pk=pk).revisions.count() == 2


def test_an_older_revision_comes_back_as_the_newest(admin: User) -> None:
    pk = add_preset(WANTED, by=admin)
    save(pk, admin, based_on=1, text="FROM other")

    restore_revision(pk, number=1, by=admin)

    preset = Preset.objects.get(pk=pk)
    assert (preset.text, preset.revision) == (TEXT, 3)
    assert [each.restored for each in preset.revisions.all()] == [1, None, None]
    with pytest.raises(NotFound):
        restore_revision(pk, number=9, by=admin)


def test_a_name_is_taken_once(admin: User) -> None:
    add_preset(WANTED, by=admin)

    with pytest.raises(PresetNameTaken):
        add_preset(WANTED, by=admin)


def test_only_one_preset_is_the_default(admin: User) -> None:
    first, second = make_preset(is_default=True), make_preset()

    make_default(second.pk, by=admin)

    assert [each.pk for each in Preset.objects.filter(is_default=True)] == [second.pk]
    with pytest.raises(IntegrityError), transaction.atomic():
        Preset.objects.filter(pk=first.pk).update(is_default=True)
    end_default(second.pk, by=admin)
    assert not Preset.objects.filter(is_default=True).exists()


def test_the_default_is_proposed_first_unless_its_servers_are_away(
    person: User,
) -> None:
    away = make_model("other", backend=make_backend())
    make_preset(name="A")
    default = make_preset(name="B", model="other", is_default=True)
    make_model("tiny")

    proposed = first_target_for(person)
    assert proposed is not None
    assert proposed.label == default.name

    type(away.backend).objects.filter(pk=away.backend.pk).update(failure_code="x")
    forget()
    proposed = first_target_for(person)
    assert proposed is not None
    assert proposed.label == "A"


def test_members_change_no_preset(person: User) -> None:
    pk = make_preset().pk
    doings = (
        lambda: add_preset(WANTED, by=person),
        lambda: save(pk, person, based_on=1, text=TEXT),
        lambda: restore_revision(pk, number=1, by=person),
        lambda: make_default(pk, by=person),
    )

    for doing in doings:
        with pytest.raises(NotAllowed):
            doing()


def test_who_was_given_the_right_changes_presets(person: User) -> None:
    pk = make_preset().pk
    right = Permission.objects.get(codename="change_preset")
    person.user_permissions.add(right)

    save(pk, User.objects.get(pk=person.pk), based_on=1, text="FROM other")

    assert Preset.objects.get(pk=pk).model == "other"


@pytest.mark.parametrize(
    ("kind", "trained", "context"),
    [
        ("ollama", 32_768, 9000),
        ("ollama", 4096, 4096),
        ("vllm", 32_768, 2048),
        ("lmstudio", 32_768, 2048),
    ],
)
def test_a_window_is_widened_only_where_the_server_heeds_it(
    person: User, kind: str, trained: int, context: int
) -> None:
    make_model("tiny", backend=make_backend(kind=kind), context=trained, window=2048)
    preset = make_preset(parameters={"num_ctx": 9000})

    assert target_for(person, f"preset:{preset.pk}").context == context


@pytest.mark.parametrize("icon", ["", "🦉", "👩🏽‍💻", "🇳🇴", "é", "AB", "⚖️", "译"])
def test_an_icon_is_a_character_or_two(icon: str) -> None:
    check_icon(icon)


@pytest.mark.parametrize("icon", ["abc", "🦉🦉🦉", " a", "a b", "<b>"])
def test_a_word_is_no_icon(icon: str) -> None:
    with pytest.raises(ValidationError):
        check_icon(icon)
