import json

import pytest

from dashboard.live import events


def leaves(root: type[events.Event]) -> list[type[events.Event]]:
    children = root.__subclasses__()
    return (
        [leaf for child in children for leaf in leaves(child)] if children else [root]
    )


EVENTS = [
    events.MessageAdded(3, 7, parent=6, author=5, key="key"),
    events.BranchDeleted(3, 7),
    events.HeadChanged(3),
    events.TypingChanged(3, 5, "Olive"),
    events.PresenceChanged(3, (5, 6)),
    events.MessageDelta(3, 7, 1, "é\u2028"),
    events.MessageBlock(3, 7, 2, "<p>x</p>", "rest"),
    events.MessagePhase(3, 7, "thinking"),
    events.MessageClosed(3, 7, "done"),
    events.MessageReopened(3, 7),
    events.ConversationChanged(5, 3),
    events.ConversationSeen(5, 3),
    events.PlaceChanged(5, 3),
    events.ConversationLeft(5, 3),
    events.ConversationStarted(5, 3, "key"),
    events.SessionsEnded(5),
    events.StopWanted(7),
    events.ModelsChanged(),
    events.PullChanged(7, 3, "running", "receiving", 5, 9, None, None, 0, 0, False),
    events.ErrandChanged(7, 3, "load", "failed", "backend"),
    events.RequestsChanged(),
    events.RequestAnswered(5, 3),
    events.BatchChanged(5, 3, "running", None, 0, 0),
    events.GpuSampled(2, 1764345600.5, {"cpu": 12.5}, ({"uuid": "GPU-1", "util": 87},)),
    events.NodeChanged(2),
    events.ServersSampled(({"backend": 3, "running": 5},)),
    events.ServingChanged(),
    events.AlertChanged(9),
]


def test_every_event_is_tried_here() -> None:
    # By kind: a dataclass with slots leaves the class it was made from behind.
    kinds = {leaf.kind for leaf in leaves(events.Event) if hasattr(leaf, "kind")}

    assert {each.kind for each in EVENTS} == kinds


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_a_frame_carries_every_field_and_its_kind(event: events.Event) -> None:
    frame = json.loads(event.frame())

    assert frame.pop("kind") == event.kind
    assert type(event)(**frame).frame() == event.frame()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_a_group_is_a_name_that_the_layer_takes(event: events.Event) -> None:
    assert event.group.replace(".", "").replace("-", "").isalnum()
    assert len(event.group) < 100
