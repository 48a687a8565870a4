"""Telling the pages what a reply does while it is open."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chat.draft import Draft
from chat.generation import gathered
from chat.showing import PHASES, Place, shown
from dashboard.live.db import in_db
from dashboard.live.events import MessagePhase
from models_app.adapters.base import Loading, Reading, Text, Usage
from models_app.serving.ask import Begun, Done, Queued, Step
from tests.fakes.conversing import heard, joined, room

DONE = Done("stop", Usage(), 1, 2)


def phase_at(place: Place, draft: Draft, now: float) -> str:
    event = place.phase(draft, now=now)
    return event.phase if isinstance(event, MessagePhase) else ""


def test_another_thing_that_it_does_is_told_at_once() -> None:
    place, draft = Place(1, 2), Draft()
    draft.heed(Queued(1, 0, "gpu-01"), now=5)
    assert phase_at(place, draft, 5) == "queued"

    draft.heed(Loading(), now=5.01)

    assert phase_at(place, draft, 5.01) == "loading"


def test_numbers_are_told_four_times_a_second_at_most() -> None:
    place, draft = Place(1, 2), Draft()
    draft.heed(Reading(1, 100), now=5)
    assert phase_at(place, draft, 5) == "reading"

    draft.heed(Reading(2, 100), now=5.1)

    assert phase_at(place, draft, 5.1) == ""
    assert place.pause(draft, now=5.1) == pytest.approx(PHASES - 0.1)
    assert phase_at(place, draft, 5 + PHASES) == "reading"


def test_what_has_not_changed_is_not_told_again() -> None:
    place, draft = Place(1, 2), Draft()
    draft.heed(Reading(1, 100), now=5)
    place.phase(draft, now=5)

    assert place.pause(draft, now=9) is None
    assert phase_at(place, draft, 9) == ""


def test_how_fast_it_writes_is_told_once_a_second_when_it_has_changed() -> None:
    place, draft = Place(1, 2), Draft()
    for _ in range(10):
        draft.add("a", now=5)

    speeds = [place.phase(draft, now=each) for each in (5.5, 6.0, 6.5, 7.0, 8.0)]

    told = [each.speed for each in speeds if isinstance(each, MessagePhase)]
    assert told == [10, 5, 3]


async def slowly(*steps: Step) -> AsyncIterator[Step]:
    for step in steps:
        yield step
        for _ in range(5):
            await asyncio.sleep(0.02)


@pytest.mark.django_db(transaction=True)
async def test_pages_hear_each_wait_in_order() -> None:
    conversation, owner = await in_db(room)("http://127.0.0.1:9")
    socket = await joined(conversation, owner)
    steps = slowly(
        Queued(2, 1, "gpu-01", 9.0),
        Begun("gpu-01", loaded=False),
        Reading(5, 10),
        Text("Hi"),
        DONE,
    )

    draft = Draft()
    async with shown(draft, conversation=conversation.pk, message=7) as more:
        assert await gathered(steps, draft, more) == DONE
    frames: list[dict[str, Any]] = await heard(socket, until="message.delta")

    phases = [each for each in frames if each["kind"] == "message.phase"]
    assert [each["phase"] for each in phases] == ["queued", "loading", "reading"]
    assert (phases[0]["position"], phases[0]["people"]) == (2, 1)
    await socket.disconnect()
