import uuid

import pytest

from dashboard.errors import BadCommand
from dashboard.live.commands import SendMessage, read_command, read_frame

KEY = "6b2f6f0e-6a3c-4a64-9c0a-2b1f9f6c8f11"
SEND: dict[str, object] = {
    "kind": "message.send",
    "conversation": 3,
    "text": "hi",
    "key": KEY,
}


def test_a_frame_becomes_its_command() -> None:
    command = read_command(SEND)

    assert command == SendMessage(3, "hi", uuid.UUID(KEY), "")


def test_unknown_fields_are_left_aside() -> None:
    assert read_command({**SEND, "later": 1}) == read_command(SEND)


@pytest.mark.parametrize("text", ["", "[", "[]", "1", "null", '"x"', "[" * 100_000])
def test_a_frame_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(BadCommand):
        read_frame(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "message.sing"},
        {"kind": None},
        {"conversation": "3"},
        {"conversation": True},
        {"conversation": None},
        {"text": 3},
        {"key": "no"},
        {"key": 3},
        {"target": []},
    ],
)
def test_a_wrong_field_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadCommand):
        read_command({**SEND, **wrong})


def test_a_missing_field_is_refused() -> None:
    with pytest.raises(BadCommand, match="field text"):
        read_command({key: value for key, value in SEND.items() if key != "text"})
