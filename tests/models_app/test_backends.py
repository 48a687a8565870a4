"""What is noted about a server, and when it is looked at again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.errors import (
    BackendBroken,
    BackendBusy,
    BackendError,
    BackendLocked,
    BackendRefused,
    BackendUnreachable,
    ModelGone,
)
from dashboard.live.events import ModelsChanged
from models_app.adapters.base import Can, ModelFacts, Workload
from models_app.models import Backend, Revision
from models_app.services.backends import (
    LONGEST_PAUSE,
    Look,
    claim_due_backends,
    look_soon,
    note_failure,
    note_look,
    note_reply,
    pause_after,
)
from tests.fakes.heard import published
from tests.make import make_backend, make_model

pytestmark = pytest.mark.django_db


@pytest.mark.django_db
def test_last_known_models_stay_when_their_server_is_away() -> None:
    model = make_model("tiny")

    note_failure(model.backend, BackendUnreachable(server="s", detail="gone"))

    model.refresh_from_db()
    assert model.listed
    assert not model.backend.up


@pytest.mark.parametrize("failures", range(20))
def test_the_pause_grows_with_each_failure_and_ends_within_three_seconds(
    failures: int,
) -> None:
    pauses = {pause_after(failures) for _ in range(9)}

    assert max(pauses) <= LONGEST_PAUSE
    assert min(pauses) >= min(timedelta(seconds=0.25 * 2**failures), LONGEST_PAUSE / 2)
    assert len(pauses) > 1


def test_a_due_server_is_claimed_once() -> None:
    due = make_backend()
    make_backend(look_at=timezone.now() + timedelta(seconds=20))
    make_backend(enabled=False)

    assert claim_due_backends() == [due]
    assert claim_due_backends() == []


@pytest.mark.parametrize(
    ("failure", "up", "tripped"),
    [
        (None, True, False),
        (BackendUnreachable(server="s", detail="gone"), False, True),
        (BackendBroken(server="s", detail="half"), True, True),
        (BackendRefused(server="s", upstream=500, detail="no memory"), True, True),
        (BackendRefused(server="s", upstream=400, detail="bad question"), True, False),
        (ModelGone(server="s", upstream=404, detail="no"), True, False),
    ],
)
def test_a_real_reply_tells_how_a_server_is(
    failure: BackendError | None, up: bool, tripped: bool
) -> None:
    backend = make_backend()

    note_reply(backend.pk, failure)

    backend.refresh_from_db()
    assert (backend.up, backend.is_tripped) == (up, tripped)


def fail(backend: Backend, *, ago: float) -> None:
    """A reply of its broke off so many seconds ago."""
    note_reply(backend.pk, BackendBroken(server="s", detail="half"))
    then = timezone.now() - timedelta(seconds=ago)
    Backend.objects.filter(pk=backend.pk).update(tripped_at=then)
    backend.refresh_from_db()


def test_pages_hear_when_a_reply_fails_and_not_of_each_that_does() -> None:
    backend, failure = make_backend(), BackendBroken(server="s", detail="half")

    heard = []
    for ended in (failure, failure, None, None):
        with published() as events:
            note_reply(backend.pk, ended)
        heard.append(events == [ModelsChanged()])

    assert heard == [True, False, True, False]


REFUSED = BackendRefused(server="s", upstream=422, detail="no such parameter")


def test_what_one_person_asked_wrongly_is_told_to_nobody_else() -> None:
    backend = make_backend()
    note_reply(backend.pk)

    with published() as events:
        note_reply(backend.pk, REFUSED)

    backend.refresh_from_db()
    assert (backend.reply_code, events) == ("", [])
    assert not Revision.objects.exists()


def test_a_wrong_question_does_not_undo_what_a_failure_has_told() -> None:
    backend = make_backend()
    fail(backend, ago=0)

    note_reply(backend.pk, REFUSED)

    backend.refresh_from_db()
    assert (backend.reply_code, backend.is_tripped) == ("backend_broken", True)


def test_a_look_closes_the_circuit_once_some_time_has_gone() -> None:
    backend = make_backend()

    fail(backend, ago=4)
    note_look(backend, Look("vllm", ()))
    backend.refresh_from_db()
    assert backend.is_tripped

    fail(backend, ago=11)
    note_look(backend, Look("vllm", ()))
    backend.refresh_from_db()
    assert not backend.is_tripped


def test_a_circuit_that_opens_again_stays_open_for_longer() -> None:
    backend = make_backend()
    waits = []
    for _ in range(8):
        fail(backend, ago=0)
        assert backend.tripped_at is not None
        assert backend.trip_ends is not None
        waits.append((backend.trip_ends - backend.tripped_at).total_seconds())

    assert waits == [5, 10, 20, 40, 80, 120, 120, 120]


def test_a_good_reply_closes_the_circuit_at_once() -> None:
    backend = make_backend()
    fail(backend, ago=0)

    note_reply(backend.pk)

    backend.refresh_from_db()
    assert (backend.is_tripped, backend.trips) == (False, 0)


def test_a_server_that_failed_is_looked_at_when_its_circuit_may_close() -> None:
    backend = make_backend(look_at=timezone.now() + timedelta(seconds=14))

    fail(backend, ago=0)

    assert backend.look_at < timezone.now() + timedelta(seconds=6)


def test_a_clock_that_was_put_back_delays_no_look() -> None:
    ahead = make_backend(look_at=timezone.now() + timedelta(hours=3))

    assert claim_due_backends() == [ahead]


@pytest.mark.parametrize(
    ("failure", "soon"),
    [
        (BackendUnreachable(server="s", detail="gone"), True),
        (BackendBusy(server="s", upstream=503, detail="loading"), True),
        (BackendLocked(server="s", upstream=401, detail="key"), False),
    ],
)
def test_what_may_pass_is_looked_at_soon_and_what_needs_somebody_is_not(
    failure: BackendBusy, soon: bool
) -> None:
    note_failure(make_backend(), failure)

    pause = Backend.objects.get().look_at - timezone.now()
    assert (pause <= LONGEST_PAUSE) == soon


@pytest.mark.parametrize(
    ("before", "after", "pages"),
    [
        (None, None, False),
        (None, 0, False),
        (0, 2, True),
        (2, 3, False),
        (2, 0, True),
    ],
)
def test_pages_are_told_when_people_begin_or_cease_to_wait(
    before: int | None, after: int | None, pages: bool
) -> None:
    backend = make_backend(waiting=before)

    note_look(backend, Look("openai", (), workload=Workload(1, after)))

    assert Revision.objects.filter(number=1).exists() == pages


def test_pages_are_told_when_a_model_can_do_more() -> None:
    backend = make_backend()
    note_look(backend, Look("openai", (ModelFacts("tiny"),)))
    seeing = ModelFacts("tiny", capabilities=frozenset({"completion", "vision"}))

    with published() as events:
        note_look(backend, Look("openai", (seeing,)))

    assert events == [ModelsChanged()]


def test_a_good_reply_after_a_good_one_is_no_news() -> None:
    backend = make_backend()

    note_reply(backend.pk)
    assert not Revision.objects.exists()
    note_reply(backend.pk, BackendBroken(server="s", detail="half"))
    note_reply(backend.pk, BackendBroken(server="s", detail="half"))
    note_reply(backend.pk)
    note_reply(backend.pk)
    assert Revision.objects.get().number == 3


@pytest.mark.parametrize(
    ("known", "failure"),
    [
        ({"failure_code": "backend_unreachable"}, None),
        ({}, ModelGone(server="s", upstream=404, detail="no")),
        ({"failure_code": "backend_unreachable"}, REFUSED),
    ],
)
def test_a_reply_that_contradicts_health_has_the_server_looked_at(
    known: dict[str, str], failure: BackendRefused | None
) -> None:
    later = timezone.now() + timedelta(seconds=15)
    backend = make_backend(look_at=later, **known)

    note_reply(backend.pk, failure)

    backend.refresh_from_db()
    assert backend.look_at < later


def test_a_server_wanted_soon_while_it_is_looked_at_is_looked_at_again() -> None:
    make_backend()
    (looked_at,) = claim_due_backends()

    look_soon(looked_at.pk)
    note_look(looked_at, Look("openai", []))

    assert claim_due_backends() == [looked_at]


def test_what_a_server_can_is_kept_and_within_its_kind() -> None:
    backend = make_backend(kind="llamacpp")
    assert Can.DELETE in backend.can

    note_look(backend, Look("llamacpp", [], abilities=frozenset({Can.CHAT, Can.COPY})))

    backend.refresh_from_db()
    assert backend.can == {Can.CHAT}
    assert make_backend(kind="").can == frozenset()
