from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.days import by_day
from chat.listing import PAGE, Cursor, Wish, conversations_for
from chat.models import Conversation
from dashboard.people.models import User
from tests.make import make_conversation, make_message, make_person, make_reply

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def make_many(owner: User, count: int) -> list[Conversation]:
    """The newest first; two after each other were touched at the same moment."""
    return [
        make_conversation(
            owner,
            title=f"Talk {number}",
            touched_at=NOW - timedelta(minutes=-(-number // 2)),
        )
        for number in range(count)
    ]


def titles(person: User, wish: Wish | None = None) -> list[str]:
    return [row.conversation.title for row in conversations_for(person, wish).rows]


def unread(person: User) -> int:
    (row,) = conversations_for(person).rows
    return row.unread


def test_pages_follow_each_other_without_gap_or_double(person: User) -> None:
    made = make_many(person, 2 * PAGE + 5)
    seen: list[int] = []
    wish = Wish()

    for size in (PAGE, PAGE, 5):
        listing = conversations_for(person, wish)
        assert len(listing.rows) == size
        seen += [row.conversation.pk for row in listing.rows]
        wish = Wish(before=listing.earlier)

    assert listing.earlier is None
    assert sorted(seen) == sorted(each.pk for each in made)


def test_more_pages_are_one_longer_list(person: User) -> None:
    make_many(person, 2 * PAGE + 1)

    listing = conversations_for(person, Wish(pages=2))

    assert len(listing.rows) == 2 * PAGE
    assert listing.earlier is not None


def test_a_list_that_fits_on_a_page_has_no_earlier_one(person: User) -> None:
    make_many(person, PAGE)

    assert conversations_for(person).earlier is None


def test_a_cursor_comes_back_from_its_address() -> None:
    cursor = Cursor(NOW, 42)

    assert Cursor.read(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text",
    ["", "x", "1", "1-", "-1-2", "1-2-3", "9" * 18 + "-1", "²-1", "1-" + "9" * 99],
)
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert Cursor.read(text) is None


def test_a_list_holds_only_ones_own(person: User) -> None:
    make_conversation(make_person(), title="Not for you")

    assert titles(person) == []
    assert titles(person, Wish("you")) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("vacuum", ["PostgreSQL vacuum settings"]),
        ("SETTINGS postgresql", ["PostgreSQL vacuum settings"]),
        ("vacuum zebra", []),
        ("量化", ["显存不够时的量化选择"]),
        ("50%", ["50% of a_b"]),
        ("%", ["50% of a_b"]),
        ("a_b", ["50% of a_b"]),
        ("a_c", []),
        ("\0", ["50% of a_b", "显存不够时的量化选择", "PostgreSQL vacuum settings"]),
        ("vac\0uum", ["PostgreSQL vacuum settings"]),
        ("'; --", []),
        ("z " * 300, []),
    ],
)
def test_a_search_finds_the_titles_with_all_its_words(
    search: str, found: list[str], person: User
) -> None:
    make_conversation(person, title="PostgreSQL vacuum settings")
    make_conversation(person, title="显存不够时的量化选择")
    make_conversation(person, title="50% of a_b")

    assert titles(person, Wish(search)) == found


def test_only_what_others_have_said_and_replies_are_unread(person: User) -> None:
    other = make_person()
    conversation = make_conversation(person, other)
    asked = make_message(conversation, author=other)
    make_reply(conversation, "Yes.", parent=asked, status="done")
    make_reply(conversation, "So f", parent=asked)
    make_message(conversation, author=person)

    assert unread(person) == 2


def test_what_has_been_read_is_not_unread(person: User) -> None:
    conversation = make_conversation(person)
    read = make_message(conversation, author=make_person())
    make_message(conversation, author=make_person())
    conversation.participants.update(read_to=read.pk)

    assert unread(person) == 1


def test_a_person_who_left_the_house_is_still_somebody_else(person: User) -> None:
    make_message(make_conversation(person), author=None)

    assert unread(person) == 1


def test_more_than_99_are_not_counted_further(person: User, signed_in: Client) -> None:
    conversation = make_conversation(person)
    for _ in range(102):
        make_message(conversation, author=None)

    assert unread(person) == 100
    assert "99+" in signed_in.get("/conversations/").content.decode()


def test_a_list_shows_a_few_faces_and_none_for_one_alone(person: User) -> None:
    make_conversation(person, touched_at=NOW)
    make_conversation(person, *[make_person() for _ in range(5)])

    many, alone = conversations_for(person).rows

    assert len(many.faces) == 3
    assert alone.faces == []


def test_a_longer_list_asks_the_database_no_more_often(person: User) -> None:
    make_conversation(person, make_person())
    with CaptureQueriesContext(connection) as few:
        conversations_for(person)
    make_many(person, PAGE)

    with CaptureQueriesContext(connection) as many:
        conversations_for(person)

    assert len(few) == len(many) == 3


def test_headings_tell_the_day_and_then_the_month(person: User) -> None:
    for days in (0, 1, 6, 7, 40):
        then = timezone.make_aware(datetime(2026, 11, 22, 12))
        make_conversation(person, touched_at=then - timedelta(days=days))
    rows = conversations_for(person).rows

    groups = by_day(rows, today=date(2026, 11, 22))

    headings = [heading for heading, _ in groups]
    assert headings == [
        "Today",
        "Yesterday",
        "Last 7 days",
        "November 2026",
        "October 2026",
    ]


def test_the_page_of_a_search_keeps_it_and_leads_on(
    person: User, signed_in: Client
) -> None:
    make_many(person, PAGE + 1)

    page = signed_in.get("/conversations/", {"q": "talk"}).content.decode()

    assert 'value="talk"' in page
    assert "?q=talk&amp;before=" in page


def test_a_search_without_result_says_so_and_leads_back(signed_in: Client) -> None:
    page = signed_in.get("/conversations/", {"q": "<zebra>"}).content.decode()

    assert "No conversation has this in its title" in page
    assert 'href="/conversations/"' in page
    assert "<zebra>" not in page


@pytest.mark.parametrize("before", ["", "x", "9" * 40, "1-1"])
def test_a_page_stands_for_any_address(before: str, signed_in: Client) -> None:
    response = signed_in.get("/conversations/", {"before": before, "pages": "x"})

    assert response.status_code == 200
