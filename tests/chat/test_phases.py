"""What an open reply waits for or does."""

from dataclasses import replace

import pytest

from chat.draft import Draft
from chat.phases import Doing, Phase, Told
from models_app.adapters.base import Loading, Reading
from models_app.serving.ask import Begun, PassedOver, Queued

GB = 10**9


def told_by(*steps: object, every: float = 0.0, after: float = 0.0) -> Told:
    """How a reply stands after steps that came so many seconds apart."""
    draft = Draft(phase=Phase(model="tiny"))
    now = 0.0
    for step in steps:
        draft.heed(step, now=now)  # type: ignore[arg-type]
        now += every
    return draft.told(now=now - every + after)


def test_before_any_step_it_waits() -> None:
    assert told_by(after=3) == Told(model="tiny", since=3)


def test_a_place_in_line_has_people_before_it_and_a_time() -> None:
    told = told_by(Queued(3, 2, "gpu-01", 20.0), after=5)

    assert (told.phase, told.position, told.people) == ("queued", 3, 2)
    assert (told.server, told.left, told.since) == ("gpu-01", 15, 5)


def test_moving_up_in_line_begins_no_new_wait() -> None:
    told = told_by(Queued(3, 2, "a"), Queued(2, 1, "a"), every=4)

    assert (told.position, told.since) == (2, 4)


def test_a_server_without_the_model_loads_it() -> None:
    told = told_by(
        Queued(1, 0, "a"), Begun("gpu-01", loaded=False, seconds=30), after=1
    )

    assert (told.phase, told.server, told.model) == ("loading", "gpu-01", "tiny")
    assert (told.position, told.left) == (None, 29)


def test_a_load_goes_on_at_its_own_pace() -> None:
    begun = Begun("gpu-01", loaded=False, seconds=300)

    told = told_by(begun, Loading(done=3 * GB, total=9 * GB), after=10)

    assert (told.done, told.total, told.share) == (3 * GB, 9 * GB, 33)
    assert told.left == 20


def test_a_share_alone_is_enough_for_that() -> None:
    told = told_by(Loading(), Loading(share=0.5), every=4)

    assert (told.share, told.left, told.done) == (50, 4, None)


def test_what_the_server_knew_of_the_prompt_was_not_read_now() -> None:
    begun = Reading(done=800, total=1000, cached=800)

    told = told_by(begun, Reading(done=900, total=1000, cached=800), every=2)

    assert (told.share, told.left) == (90, 2)


def test_a_time_that_is_over_is_no_time_left() -> None:
    assert told_by(Begun("gpu-01", seconds=3), after=9).left is None


@pytest.mark.parametrize("word", ["add", "think"])
def test_the_first_words_end_every_wait(word: str) -> None:
    draft = Draft()
    draft.heed(Reading(5, 9), now=0)

    getattr(draft, word)("So", now=1.0)

    assert draft.phase.doing in (Doing.WRITING, Doing.THINKING)
    assert draft.told(now=1).done is None


def test_speed_is_pieces_over_the_time_of_writing() -> None:
    draft = Draft()
    draft.think("hm", now=0)
    for number in range(40):
        draft.add("a ", now=10 + number / 40)

    assert draft.told(now=10.5).speed is None
    assert draft.told(now=12).speed == 20


def test_a_row_keeps_who_was_asked_before_and_how_it_stands() -> None:
    before = PassedOver("gpu-01", "backend_unreachable", {"detail": "name not found"})
    draft = Draft()
    draft.heed(Begun("gpu-02", ticket="t1", passed_over=(before,)), now=1)

    way = draft.way(now=3, at=1000.0)

    assert (draft.ticket, draft.server) == ("t1", "gpu-02")
    assert way["passed_over"][0]["server"] == "gpu-01"
    assert (way["phase"]["phase"], way["phase"]["since"], way["at"]) == (
        "waiting",
        2,
        1000,
    )


def test_the_same_step_again_is_no_news() -> None:
    phase = Phase().after(Reading(5, 9), now=1)

    assert phase.after(Reading(5, 9), now=2) == phase
    assert phase.after(Reading(6, 9), now=2) != replace(phase)
