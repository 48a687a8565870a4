"""The comparison of the fault test: what it must never overlook."""

import time

from tests.faults.articles import Article
from tests.faults.compare import begins_with, differences
from tests.faults.gremlin import KILL_WEB
from tests.faults.kept import Kept
from tests.faults.ledger import Ledger, Sent, Sight
from tests.faults.story import View

NOW = time.time()
ASKED = Sent("key-1", "ada", 7, "ada-1 hello")


def said(**fields: object) -> Kept:
    known = {
        "pk": 1,
        "conversation": 7,
        "parent": None,
        "author": "ada",
        "key": "key-1",
    }
    told = {"status": "said", "text": "ada-1 hello", "seq": 0}
    times = {"created": NOW - 60, "closed": float("inf")}
    return Kept(**{**known, **told, **times, **fields})  # type: ignore[arg-type]


def reply(**fields: object) -> Kept:
    told = {"pk": 2, "parent": 1, "author": None, "key": "", "status": "done"}
    return said(**{**told, "text": "One.\n\nTwo.", "seq": 2, "closed": NOW, **fields})


def ledger(*sights: Sight) -> Ledger:
    seen = {(2, 1): list(sights)} if sights else {}
    return Ledger(sent=[ASKED], sights=seen)


def view(*rows: Kept) -> View:
    articles = [
        Article(row.pk, row.version, row.seq, is_open=False, body=row.text)
        for row in rows
    ]
    stayed = {article.message: article for article in articles}
    return View("ada", 7, stayed, articles, len(articles))


def test_what_was_sent_once_and_shown_is_no_difference() -> None:
    rows = [said(), reply()]
    shown = Sight(("<p>One.</p>",), "Tw", NOW - 30)

    assert differences(ledger(shown), rows, [view(*rows)]) == []


def test_a_lost_message_is_told() -> None:
    (told,) = differences(ledger(), [], [])

    assert "is there 0 times" in told


def test_a_doubled_message_is_told() -> None:
    rows = [said(), reply(), said(pk=3, parent=2), reply(pk=4, parent=3)]
    told = differences(ledger(), rows, [])

    assert told == ["“ada-1 hello” was sent once and is there 2 times"]


def test_a_message_that_nobody_sent_is_told() -> None:
    rows = [said(), reply(), said(pk=3, key="other"), reply(pk=4, parent=3)]
    (told,) = differences(ledger(), rows, [])

    assert "nobody sent message 3" in told


def test_a_second_reply_and_an_open_one_are_told() -> None:
    rows = [said(), reply(), reply(pk=3, status="open")]
    told = differences(ledger(), rows, [])

    assert told == ["message 1 has 2 replies", "reply 3 is open"]


def test_another_reply_is_no_difference_where_somebody_asked_for_it() -> None:
    rows = [said(), reply(status="interrupted"), reply(pk=3)]
    asked = ledger()
    asked.asked, asked.beside = [2], {3: 2}
    told = differences(asked, rows[:2], [])

    assert differences(asked, rows, [view(rows[0], rows[2])]) == []
    assert told == ["reply 3 was told of and is not beside reply 2"]


def test_a_page_without_any_reply_to_a_message_is_told() -> None:
    rows = [said(), reply(status="interrupted"), reply(pk=3)]
    asked = ledger()
    asked.asked = [2]
    (told,) = differences(asked, rows, [view(rows[0])])

    assert "shows no reply to message 1" in told


def test_text_that_was_shown_and_is_gone_is_told() -> None:
    shown = Sight(("<p>One.</p>",), "Two. Three", NOW - 30)
    (told,) = differences(ledger(shown), [said(), reply()], [])

    assert "reply 2 (done)" in told


def test_a_killed_writer_may_lose_the_last_checkpoints_second_and_no_more() -> None:
    rows = [said(), reply(status="interrupted", text="One.")]
    late, early = Sight((), "One. Two", NOW - 21), Sight((), "One. Two", NOW - 23)
    after, before = ledger(late), ledger(early)
    for each in (after, before):
        each.faults.append((NOW - 20, KILL_WEB))

    assert differences(after, rows, []) == []
    assert len(differences(before, rows, [])) == 1


def test_a_page_that_lacks_or_doubles_a_message_is_told() -> None:
    rows = [said(), reply()]
    lacking, doubling = view(rows[0]), view(*rows, rows[1])

    assert any(
        "lacks message 2" in each for each in differences(ledger(), rows, [lacking])
    )
    assert any("2 times" in each for each in differences(ledger(), rows, [doubling]))


def test_a_page_that_stayed_open_must_show_what_a_fresh_one_does() -> None:
    rows = [said(), reply()]
    stale = view(*rows)
    stale.stayed[2] = Article(2, "open.1", 1, is_open=True, body="One")
    (told,) = differences(ledger(), rows, [stale])

    assert "shows open.1 of 2: done.2" in told


def test_a_shown_beginning_ends_anywhere() -> None:
    text = "Cats\n\n- soft\n- quick\n\nThe end."

    assert begins_with(text, Sight((), "", NOW))
    assert begins_with(text, Sight((), "Ca", NOW))
    assert begins_with(text, Sight(("<p>Cats</p>",), "- so", NOW))
    assert not begins_with(text, Sight(("<p>Cats</p>",), "- ha", NOW))
    assert not begins_with(text, Sight(("<p>Dogs</p>",), "", NOW))
