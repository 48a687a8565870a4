"""What members ask to have pulled: asked together, answered once, told to all."""

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from dashboard.errors import (
    AlreadyThere,
    BackendCannotDo,
    NameUnfit,
    NoServerChosen,
    NotAllowed,
    NotFound,
    TooManyRequests,
)
from dashboard.people.models import User
from models_app.models import Backend, Pull, PullRequest, Restriction
from models_app.pull_queries import (
    became_of,
    notices_for,
    pending_requests,
    requests_of,
    unread_answers,
)
from models_app.services.notices import dismiss_notice
from models_app.services.pull_requests import (
    MOST_PENDING,
    approve_request,
    ask_for_model,
    decline_request,
    withdraw_request,
)
from models_app.services.pulls import claim_pull, close_pull, retry_pull
from tests.fakes.heard import published
from tests.fakes.scripted import KIND
from tests.make import (
    make_admin,
    make_backend,
    make_hidden_backend,
    make_model,
    make_person,
    make_puller,
)

pytestmark = pytest.mark.django_db


def sentences(person: User) -> list[str]:
    return [each.sentence for each in notices_for(person)]


def test_who_asks_for_the_same_joins_and_asks_once(
    backend: Backend, person: User
) -> None:
    first = ask_for_model("tiny", backend=backend.pk, person=person)
    with published() as events:
        again = ask_for_model("tiny:latest", backend=backend.pk, person=person)
    other = ask_for_model("Tiny", backend=backend.pk, person=make_person("max"))

    assert first == again == other
    assert events == []
    (request,) = pending_requests(make_admin())
    assert [each.person.username for each in request.askers.all()] == ["olive", "max"]


def test_of_who_asks_twice_the_newest_reason_is_kept(
    backend: Backend, person: User
) -> None:
    for why in ("To compare.", "To translate.", ""):
        ask_for_model("tiny", backend=backend.pk, person=person, why=why)
    ask_for_model("tiny", backend=backend.pk, person=make_person("max"), why="Max's.")

    (own,) = requests_of(person)
    assert getattr(own, "why") == "To translate."  # noqa: B009


@pytest.mark.parametrize("named", [True, False])
def test_nobody_asks_for_what_they_can_use(
    backend: Backend, person: User, named: bool
) -> None:
    make_model("tiny:latest", backend=backend)

    with pytest.raises(AlreadyThere, match="on gpu-01"):
        ask_for_model("Tiny", backend=backend.pk if named else None, person=person)


def test_what_is_there_for_others_can_be_asked_for(
    backend: Backend, person: User
) -> None:
    make_model("tiny", backend=backend)
    Restriction.objects.create(model="tiny")

    assert ask_for_model("tiny", backend=None, person=person)


def test_a_wish_can_be_withdrawn_and_those_of_others_stay(
    backend: Backend, person: User, admin: User
) -> None:
    request = ask_for_model("tiny", backend=backend.pk, person=person)
    other = make_person("max")
    ask_for_model("tiny", backend=backend.pk, person=other)

    assert withdraw_request(request, person=person)
    assert not withdraw_request(request, person=person)

    assert [each.askers.count() for each in pending_requests(admin)] == [1]
    assert withdraw_request(request, person=other)
    assert not pending_requests(admin)


def test_what_is_answered_can_not_be_withdrawn(person: User, admin: User) -> None:
    request = ask_for_model("tiny", backend=None, person=person)
    decline_request(request, by=admin)

    assert not withdraw_request(request, person=person)
    assert [each.pk for each in requests_of(person)] == [request]


def test_a_wish_for_any_server_is_another_one(backend: Backend, person: User) -> None:
    here = ask_for_model("tiny", backend=backend.pk, person=person)
    anywhere = ask_for_model("tiny", backend=None, person=person)

    assert here != anywhere
    assert ask_for_model("tiny", backend=None, person=make_person()) == anywhere


@pytest.mark.parametrize("named", [True, False])
def test_the_database_holds_one_pending_request_of_a_kind(
    backend: Backend, named: bool
) -> None:
    wish = {"backend": backend if named else None, "name": "tiny", "key": "tiny"}
    PullRequest.objects.create(**wish)

    with pytest.raises(IntegrityError), transaction.atomic():
        PullRequest.objects.create(**wish)


def test_pages_are_told_that_somebody_asks(person: User) -> None:
    with published() as events:
        ask_for_model("tiny", backend=None, person=person)

    assert [each.kind for each in events] == ["requests.changed"]


def test_a_server_of_others_is_not_theirs_to_ask_about(
    backend: Backend, person: User
) -> None:
    backend.groups.add(Group.objects.create(name="research"))

    with pytest.raises(NotFound):
        ask_for_model("tiny", backend=backend.pk, person=person)
    with pytest.raises(NotFound):
        ask_for_model("tiny", backend=0, person=person)
    person.groups.add(Group.objects.get())
    assert ask_for_model("tiny", backend=backend.pk, person=person)


def test_what_is_no_name_cannot_be_asked_for(person: User) -> None:
    with pytest.raises(NameUnfit):
        ask_for_model(" ", backend=None, person=person)


def test_an_approved_request_is_pulled_and_all_who_asked_are_told(
    backend: Backend, person: User, admin: User
) -> None:
    request = ask_for_model("tiny", backend=backend.pk, person=person)
    ask_for_model("tiny", backend=backend.pk, person=(other := make_person()))

    with published() as events:
        (pull,) = approve_request(request, by=admin)

    assert Pull.objects.get(pk=pull).asked_by == admin
    told = [each.person for each in events if each.kind == "request.answered"]
    assert told == [person.pk, other.pk]
    assert sentences(person) == [
        "“tiny”, which you asked for, is on its way to gpu-01."
    ]


@pytest.mark.parametrize(
    ("status", "said"), [("done", "is there now"), ("failed", "could not be pulled")]
)
def test_those_who_asked_are_told_again_how_it_ended(
    backend: Backend, person: User, admin: User, status: Pull.Status, said: str
) -> None:
    request = ask_for_model("tiny", backend=backend.pk, person=person)
    (pull,) = approve_request(request, by=admin)
    dismiss_notice(request, person=person)
    assert notices_for(person) == []
    claim_pull(pull)

    with published() as events:
        close_pull(pull, turn=1, status=status)

    assert "request.answered" in [each.kind for each in events]
    assert said in sentences(person)[0]


def test_those_who_asked_hear_that_a_retry_came_to_its_end(
    backend: Backend, person: User, admin: User
) -> None:
    request = ask_for_model("tiny", backend=backend.pk, person=person)
    (pull,) = approve_request(request, by=admin)
    claim_pull(pull)
    close_pull(pull, turn=1, status=Pull.Status.FAILED)

    again = retry_pull(pull, by=admin)
    claim_pull(again)
    close_pull(again, turn=1, status=Pull.Status.DONE)

    assert "is there now" in sentences(person)[0]


def test_a_server_that_is_not_for_who_asked_is_not_named(
    backend: Backend, person: User, admin: User
) -> None:
    backend.groups.add(Group.objects.create(name="others"))
    request = ask_for_model("tiny", backend=None, person=person)

    approve_request(request, by=admin, backends=[backend.pk])

    assert "gpu-01" not in sentences(person)[0]


def test_what_may_go_to_any_server_goes_where_the_administrator_says(
    backend: Backend, person: User, admin: User
) -> None:
    request = ask_for_model("tiny", backend=None, person=person)

    with pytest.raises(NoServerChosen):
        approve_request(request, by=admin)
    assert PullRequest.objects.get().status == PullRequest.Status.PENDING
    (pull,) = approve_request(request, by=admin, backends=[backend.pk])

    assert Pull.objects.get(pk=pull).backend == backend


def test_a_request_for_a_server_that_cannot_pull_waits_on(
    person: User, admin: User
) -> None:
    cannot = make_backend(kind="openai")
    request = ask_for_model("tiny", backend=cannot.pk, person=person)

    with pytest.raises(BackendCannotDo):
        approve_request(request, by=admin)

    assert PullRequest.objects.get().status == PullRequest.Status.PENDING
    assert notices_for(person) == []


def test_a_declined_request_tells_the_word(person: User, admin: User) -> None:
    request = ask_for_model("tiny", backend=None, person=person)

    assert decline_request(request, by=admin, word=" Too large. ")

    assert sentences(person) == ["Your wish for “tiny” was declined: Too large."]
    assert not Pull.objects.exists()


def test_a_request_is_answered_once(
    backend: Backend, person: User, admin: User
) -> None:
    request = ask_for_model("tiny", backend=backend.pk, person=person)
    decline_request(request, by=admin)

    assert approve_request(request, by=admin) == []
    assert not decline_request(request, by=admin, word="Really.")
    assert sentences(person) == ["Your wish for “tiny” was declined."]
    assert ask_for_model("tiny", backend=backend.pk, person=person) != request


def test_members_answer_nothing(backend: Backend, person: User) -> None:
    request = ask_for_model("tiny", backend=backend.pk, person=person)

    with pytest.raises(NotAllowed):
        approve_request(request, by=person)
    with pytest.raises(NotAllowed):
        decline_request(request, by=person)


def test_a_request_that_is_gone_is_a_sentence(admin: User) -> None:
    with pytest.raises(NotFound):
        decline_request(0, by=admin)


def test_a_notice_is_for_those_who_asked(person: User, admin: User) -> None:
    request = ask_for_model("tiny", backend=None, person=person)
    decline_request(request, by=admin)

    dismiss_notice(request, person=admin)

    assert notices_for(admin) == []
    assert len(notices_for(person)) == 1


def test_each_says_what_they_want_it_for(backend: Backend, person: User) -> None:
    ask_for_model("tiny", backend=None, person=person, why=" To compare. ")
    ask_for_model("tiny", backend=None, person=make_person(), why="x" * 400)

    (request,) = pending_requests(make_admin())
    first, second = request.askers.all()
    assert (first.why, len(second.why)) == ("To compare.", 300)


def test_wishes_for_a_server_are_answered_by_those_who_see_it(
    person: User, admin: User
) -> None:
    hidden, puller = make_hidden_backend(kind=KIND), make_puller()
    person.groups.set(hidden.groups.all())
    request = ask_for_model("tiny", backend=hidden.pk, person=person)
    anywhere = ask_for_model("tiny", backend=None, person=person)

    assert [each.pk for each in pending_requests(puller)] == [anywhere]
    assert [each.pk for each in pending_requests(admin)] == [request, anywhere]
    with pytest.raises(NotFound):
        approve_request(request, by=puller)
    with pytest.raises(NotFound):
        decline_request(request, by=puller)
    with pytest.raises(NotFound):
        approve_request(anywhere, by=puller, backends=[hidden.pk])


def test_so_many_wishes_of_one_person_wait_at_once_and_no_more(
    person: User, admin: User
) -> None:
    numbers = [
        ask_for_model(f"model-{number}", backend=None, person=person)
        for number in range(MOST_PENDING)
    ]

    with pytest.raises(TooManyRequests, match="10 of your wishes"):
        ask_for_model("one-more", backend=None, person=person)
    assert not PullRequest.objects.filter(name="one-more").exists()
    assert ask_for_model("model-3", backend=None, person=person) == numbers[3]
    decline_request(numbers[0], by=admin)
    assert ask_for_model("one-more", backend=None, person=person)


def test_a_person_sees_what_became_of_what_they_asked_for(
    backend: Backend, person: User, admin: User
) -> None:
    ask_for_model("large", backend=None, person=make_person())
    waits = ask_for_model("large", backend=None, person=person)
    approved = ask_for_model("tiny", backend=backend.pk, person=person)
    approve_request(approved, by=admin)

    shown = [(each.pk, became_of(each)) for each in requests_of(person)]
    assert shown == [(approved, "on its way"), (waits, "waits for an answer")]


def test_what_was_seen_on_one_page_is_told_to_the_others(
    person: User, admin: User
) -> None:
    request = ask_for_model("tiny", backend=None, person=person)
    decline_request(request, by=admin)
    assert unread_answers(person) == 1

    with published() as events:
        dismiss_notice(request, person=person)
        dismiss_notice(request, person=person)

    assert [each.kind for each in events] == ["request.answered"]
    assert unread_answers(person) == 0
