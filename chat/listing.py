"""The list of a person's conversations: in pages, searched by title, with what is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.fields import IntegerField

from chat.models import Conversation, Message, Participant
from dashboard.people.models import User

PAGE = 40
MOST_PAGES = 10
"""How many pages one list shows at once; more begin a list of their own."""
FACES = 3
MOST_UNREAD = 99
LONGEST_SEARCH = 120
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DIGITS = 17
"""As many stay within the years that a date may have, and within a row's number."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list, which stays right whatever is said meanwhile."""

    touched_at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.touched_at - EPOCH) // MICROSECOND}-{self.pk}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The cursor in an address; None for anything else."""
        parts = text.split("-")
        if len(parts) != 2 or not all(map(_is_number, parts)):
            return None
        return cls(EPOCH + int(parts[0]) * MICROSECOND, int(parts[1]))


@dataclass(frozen=True, slots=True)
class Wish:
    """Which part of the list somebody wants to see."""

    search: str = ""
    before: Cursor | None = None
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation as the list shows it; `faces` are its first people, if it has two."""

    conversation: Conversation
    faces: Sequence[User]
    unread: int

    @property
    def touched_at(self) -> datetime:
        return self.conversation.touched_at

    @property
    def much_unread(self) -> bool:
        return self.unread > MOST_UNREAD


@dataclass(frozen=True, slots=True)
class Listing:
    """A stretch of the list; `earlier` is where the next one begins, None at the end."""

    rows: Sequence[Listed]
    earlier: Cursor | None


class CappedCount(Subquery):
    """How many rows a query finds, counted no further than its limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"
    output_field = IntegerField()


def conversations_for(person: User, wish: Wish | None = None) -> Listing:
    """The newest first, each with a few of its people and what the person has not read."""
    wish = wish or Wish()
    size = PAGE * min(max(wish.pages, 1), MOST_PAGES)
    faces = Prefetch("participants", queryset=_first_people(), to_attr="faces")
    found = list(_wanted(person, wish).prefetch_related(faces)[: size + 1])
    shown = found[:size]
    unread = _unread_by(person, shown)
    rows = [Listed(each, _faces_of(each), unread.get(each.pk, 0)) for each in shown]
    more = len(found) > size
    return Listing(rows, Cursor(shown[-1].touched_at, shown[-1].pk) if more else None)


def _wanted(person: User, wish: Wish) -> QuerySet[Conversation]:
    found = Conversation.objects.of(person)
    if before := wish.before:
        same = Q(touched_at=before.touched_at, pk__lt=before.pk)
        older = Q(touched_at__lt=before.touched_at) | same
        # Said once more as a range, so that an index of the moments can begin there.
        found = found.filter(older, touched_at__lte=before.touched_at)
    for word in words_of(wish.search):
        found = found.filter(title__icontains=word)
    return found


def words_of(search: str) -> list[str]:
    """What must all be in a title; no title holds a NUL, and PostgreSQL refuses one."""
    return search.replace("\0", "")[:LONGEST_SEARCH].split()


def _first_people() -> QuerySet[Participant]:
    return Participant.objects.select_related("person").order_by("pk")[:FACES]


def _faces_of(conversation: Conversation) -> list[User]:
    first: list[Participant] = getattr(conversation, "faces", [])
    return [each.person for each in first] if len(first) > 1 else []


def _unread_by(person: User, shown: Sequence[Conversation]) -> dict[int, int]:
    """By conversation: asked apart, so that only what is shown is counted."""
    new = (
        Message.objects.filter(
            conversation=OuterRef("conversation"), pk__gt=OuterRef("read_to")
        )
        .exclude(author=person)
        .exclude(status=Message.Status.OPEN)
        .order_by()
        .values("pk")[: MOST_UNREAD + 1]
    )
    places = Participant.objects.filter(person=person, conversation__in=shown)
    counted = places.annotate(unread=CappedCount(new))
    return dict(counted.values_list("conversation", "unread"))


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= DIGITS
