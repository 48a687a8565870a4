import pytest
from django.contrib.auth.models import Group

from dashboard.errors import NothingChosen, NothingToAnswer
from dashboard.people.models import User
from models_app.models import FoundServer
from models_app.queries import (
    first_target_for,
    only_the_starter,
    target_for,
    targets_for,
)
from models_app.services.found_servers import (
    add_found,
    note_found,
    note_gone,
    unknown_ports,
)
from models_app.services.starter import forget_starter, register_starter
from models_app.snapshot import forget
from tests.make import make_admin, make_backend, make_model, make_preset

pytestmark = pytest.mark.django_db


def test_presets_come_before_models(person: User) -> None:
    make_model("tiny")
    make_preset(name="Helper")

    assert [each.label for each in targets_for(person)] == ["Helper", "tiny"]


def test_a_preset_whose_model_nobody_has_is_not_offered(person: User) -> None:
    make_preset(model="gone")

    assert targets_for(person) == []


def test_a_server_of_a_group_is_for_its_people_and_administrators(
    person: User,
) -> None:
    backend = make_backend()
    backend.groups.add(Group.objects.create(name="research"))
    make_model("tiny", backend=backend)

    assert targets_for(person) == []
    assert [each.label for each in targets_for(make_admin())] == ["tiny"]
    person.groups.add(Group.objects.get())
    assert [each.label for each in targets_for(person)] == ["tiny"]


def test_a_disabled_server_answers_nobody(person: User) -> None:
    make_model("tiny", backend=make_backend(enabled=False))

    with pytest.raises(NothingToAnswer, match="tiny"):
        target_for(person, "model:tiny")


@pytest.mark.parametrize("key", ["model:", "preset:", "preset:x", "preset:99", "x"])
def test_a_key_that_names_nothing_is_a_sentence(key: str, person: User) -> None:
    with pytest.raises(NothingToAnswer):
        target_for(person, key)


def test_without_a_choice_one_is_asked_to_choose(person: User) -> None:
    with pytest.raises(NothingChosen):
        target_for(person, "")


def test_instead_of_one_that_failed_another_that_answers_is_proposed(
    person: User,
) -> None:
    make_model("away", backend=make_backend(failure_code="backend"))
    make_model("failed")
    make_model("other")

    target = first_target_for(person, but="model:failed")

    assert target is not None
    assert target.key == "model:other"


def test_one_model_on_two_servers_is_one_choice_with_the_smaller_window(
    person: User,
) -> None:
    make_model("tiny", context=4096)
    make_model("tiny", context=2048)

    (target,) = targets_for(person)
    assert len(target.servers) == 2
    assert target.context == 2048


def test_what_answers_is_proposed_before_what_does_not(person: User) -> None:
    make_model("a-dead-one", backend=make_backend(failure_code="backend_silent"))
    make_model("tiny")

    target = first_target_for(person)
    assert target is not None
    assert target.label == "tiny"


def test_the_starter_is_registered_once_and_keeps_its_changes(person: User) -> None:
    register_starter("http://127.0.0.1:1")
    assert only_the_starter(person)
    register_starter("http://127.0.0.1:2")
    forget()

    (target,) = targets_for(person)
    assert target.servers == ("starter",)
    forget_starter()
    forget()
    assert targets_for(person) == []


def test_a_found_server_is_offered_once_and_added_once(person: User) -> None:
    note_found("http://127.0.0.1:11434", "ollama")
    note_found("http://127.0.0.1:11434", "ollama")

    backend = add_found(FoundServer.objects.get().pk)

    assert (backend.name, backend.kind) == ("ollama", "ollama")
    assert not FoundServer.objects.exists()
    assert unknown_ports((11434, 1234)) == [1234]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_server_of_this_machine_is_known_by_any_of_its_names(host: str) -> None:
    make_backend(base_url=f"http://{host}:11434")

    assert unknown_ports((11434, 1234)) == [1234]


def test_the_same_port_of_another_machine_is_another_server() -> None:
    make_backend(base_url="http://gpu-01:11434")

    assert unknown_ports((11434,)) == [11434]


def test_an_offer_that_was_declined_stays_declined() -> None:
    note_found("http://127.0.0.1:11434", "ollama")
    FoundServer.objects.update(dismissed=True)

    note_gone("http://127.0.0.1:11434")
    note_found("http://127.0.0.1:11434", "ollama")

    assert FoundServer.objects.get().dismissed
