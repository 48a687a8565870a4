from chat.draft import Draft, Kept


def test_a_draft_shows_nothing_before_there_is_something() -> None:
    assert Draft().show() is None


def test_what_gathered_is_shown_at_once_under_one_number() -> None:
    draft = Draft()
    draft.add("a", now=0)
    draft.add("b", now=0)

    shown = draft.show()

    assert shown is not None
    assert (shown.seq, shown.text, shown.rest) == (1, "ab", "ab")
    assert draft.show() is None


def test_a_checkpoint_holds_no_more_than_the_pages_have() -> None:
    draft = Draft()
    draft.add("a", now=0)
    draft.show()
    draft.add("b", now=0)

    assert (draft.shown, draft.seq, draft.said) == ("a", 1, "ab")


def test_a_finished_block_leaves_the_rest_open() -> None:
    draft = Draft()
    draft.add("One.\n\nTwo", now=0)

    shown = draft.show()

    assert shown is not None
    assert "".join(shown.finished).strip() == "One."
    assert shown.rest == "Two"


def test_the_time_of_thinking_ends_with_the_first_word() -> None:
    draft = Draft()
    draft.think("hm", now=1.0)
    draft.think("…", now=2.0)
    draft.add("So", now=4.5)
    draft.add(" it is", now=9.0)

    assert draft.thinking
    assert draft.thought_ms == 3500
    assert draft.reasoning == "hm…"


def test_a_draft_goes_on_after_what_was_kept() -> None:
    draft = Draft(Kept(seq=7, text="One.\n\nTw", reasoning="hm"))
    draft.think("…", now=0)
    draft.add("o", now=0)

    shown = draft.show()

    assert shown is not None
    assert (shown.seq, shown.text, shown.finished, shown.rest) == (8, "o", [], "Two")
    assert (draft.said, draft.reasoning) == ("One.\n\nTwo", "hm…")


def test_what_was_kept_never_becomes_a_thought() -> None:
    draft = Draft(Kept(text="Kept ", reasoning="hm"))
    draft.add("no… text", now=0)

    assert draft.settled(thought=3) == ("Kept text", "hmno…")
