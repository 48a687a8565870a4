import pytest

from dashboard.errors import BadCommand
from dashboard.live.backlog import LIMIT, Backlog

QUARTER = "x" * (LIMIT // 4)


def full() -> Backlog:
    """Four frames on their way, and one that did not fit."""
    backlog = Backlog()
    for _ in range(4):
        assert backlog.has_room(QUARTER)
        backlog.add(QUARTER)
    assert not backlog.has_room(QUARTER)
    return backlog


def test_a_page_that_is_behind_misses_every_event_however_small() -> None:
    assert not full().has_room("x")


def test_a_page_has_caught_up_below_half() -> None:
    backlog = full()

    assert [backlog.acknowledge(frames) for frames in (1, 2, 3)] == [False, False, True]
    assert backlog.has_room(QUARTER)


def test_a_page_that_keeps_up_never_catches_up() -> None:
    backlog = Backlog()
    for count in range(1, 100):
        assert backlog.has_room(QUARTER)
        backlog.add(QUARTER)
        assert not backlog.acknowledge(count)


def test_one_frame_of_any_size_has_room_on_a_free_link() -> None:
    backlog = Backlog()

    assert backlog.has_room(QUARTER * 5)


def test_a_frame_counts_with_its_bytes() -> None:
    backlog = Backlog()
    backlog.add("页")

    assert backlog.size == 3


@pytest.mark.parametrize("frames", [-1, 0, 2, 6])
def test_a_wrong_acknowledgement_is_refused_and_changes_nothing(frames: int) -> None:
    backlog = full()
    backlog.acknowledge(3)
    size = backlog.size

    with pytest.raises(BadCommand):
        backlog.acknowledge(frames)

    assert (backlog.size, backlog.sent) == (size, 4)
