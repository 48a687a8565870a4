"""Bytes, cut anywhere, to lines, events and objects."""

import pytest

from models_app.adapters import lines
from models_app.adapters.lines import Events, Garbled, Lines, parsed, storable

EVENTS = (
    b": a comment\n\n"
    b'data: {"a": 1}\n\n'
    b'event: note\ndata:{"b": 2}\nid: 7\n\n'
    b"data: one\ndata: two\r\n\r\n"
    b"data: [DONE]\n\n"
)
DATA = [b'{"a": 1}', b'{"b": 2}', b"one\ntwo", b"[DONE]"]


def fed(reader: Events | Lines, pieces: list[bytes]) -> list[bytes]:
    return [found for piece in pieces for found in reader.feed(piece)]


def test_lines_end_at_line_feeds_only() -> None:
    strange = "a\u2028b\u0085c\rd\x0be".encode()

    assert fed(Lines(), [strange + b"\nnext\n"]) == [strange, b"next"]


def test_a_line_may_come_in_many_pieces() -> None:
    pieces = [bytes([byte]) for byte in "grün\nrot\n".encode()]

    assert fed(Lines(), pieces) == ["grün".encode(), b"rot"]


def test_a_line_without_an_end_is_what_rests() -> None:
    reader = Lines()

    assert reader.feed(b"whole\nha") == [b"whole"]
    assert reader.rest() == b"ha"
    assert reader.empty


def test_a_line_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 10)
    reader = Lines()
    reader.feed(b"x" * 10)

    with pytest.raises(Garbled):
        reader.feed(b"x")


@pytest.mark.parametrize("cut", range(len(EVENTS)))
def test_events_are_the_same_wherever_they_are_cut(cut: int) -> None:
    assert fed(Events(), [EVENTS[:cut], EVENTS[cut:]]) == DATA


def test_events_may_come_byte_by_byte() -> None:
    assert fed(Events(), [bytes([byte]) for byte in EVENTS]) == DATA


def test_events_may_all_end_in_carriage_returns() -> None:
    events = EVENTS.replace(b"\r", b"").replace(b"\n", b"\r\n")

    assert fed(Events(), [bytes([byte]) for byte in events]) == DATA


def test_several_whole_events_in_one_piece_are_told_apart() -> None:
    assert Events().feed(b"data: a\n\ndata: b\n\n") == [b"a", b"b"]


def test_an_event_of_two_lines_is_no_simple_event() -> None:
    assert Events().feed(b"data: a\ndata: b\n\ndata: c\n\n") == [b"a\nb", b"c"]


def test_empty_data_is_an_event_too() -> None:
    assert Events().feed(b"data: \n\n") == [b""]
    assert Events().feed(b"data:\n\n") == [b""]


def test_the_last_event_may_lack_its_blank_line() -> None:
    reader = Events()

    assert reader.feed(b"data: a\n\ndata: b") == [b"a"]
    assert reader.rest() == [b"b"]
    assert reader.rest() == []


def test_an_event_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 20)

    with pytest.raises(Garbled):
        Events().feed(b"data: x\n" * 3)


def test_bytes_that_are_no_utf_8_spoil_no_more_than_themselves() -> None:
    assert parsed(b'{"a": "\xff!"}') == {"a": "�!"}


@pytest.mark.parametrize("line", [b"[1]", b'"a"', b"{} {}", b"{", b"", b"<html>"])
def test_what_is_no_object_is_not_parsed(line: bytes) -> None:
    with pytest.raises(ValueError):
        parsed(line)


def test_text_can_always_be_stored() -> None:
    assert storable("a\0b\ud800c\n日本") == "ab?c\n日本"
