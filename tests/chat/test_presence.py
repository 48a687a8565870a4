from uuid import uuid4

import pytest
import redis

from chat.presence import LIVES, arrive, depart


@pytest.fixture
def room() -> int:
    """A conversation in which nobody has been."""
    return uuid4().int % 10**9


def test_people_come_and_go(room: int) -> None:
    assert arrive(room, person=1, page="a", now=0).people == (1,)
    assert arrive(room, person=2, page="b", now=1).people == (1, 2)
    assert depart(room, person=1, page="a", now=2).people == (2,)


def test_only_what_changes_who_is_there_is_news(room: int) -> None:
    assert arrive(room, person=1, page="a", now=0).changed
    assert not arrive(room, person=1, page="a", now=5).changed
    assert not arrive(room, person=1, page="b", now=6).changed
    assert not depart(room, person=1, page="b", now=7).changed
    assert depart(room, person=1, page="a", now=8).changed


def test_whoever_is_not_heard_any_more_is_gone_at_the_next_beat(room: int) -> None:
    arrive(room, person=1, page="a", now=0)

    presence = arrive(room, person=2, page="b", now=LIVES + 1)

    assert presence.people == (2,)
    assert presence.changed


def test_a_beat_keeps_one_there(room: int) -> None:
    arrive(room, person=1, page="a", now=0)
    arrive(room, person=1, page="a", now=LIVES - 1)

    assert arrive(room, person=2, page="b", now=LIVES + 1).people == (1, 2)


def test_conversations_know_nothing_of_each_other(room: int) -> None:
    arrive(room, person=1, page="a", now=0)

    assert arrive(room + 1, person=2, page="b", now=0).people == (2,)


def test_without_redis_nobody_is_seen_and_nothing_fails(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = redis.Redis(port=9, socket_connect_timeout=0.1)
    monkeypatch.setattr("chat.presence.link", lambda: away)

    presence = arrive(room, person=1, page="a", now=0)

    assert (presence.people, presence.changed) == ((), False)
