"""Who is being served now, by which server, and who waits, as one person may know it."""

from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from chat.at_door import InLine, Present, all_present
from chat.models import Participant
from chat.phase_words import PhaseWords
from chat.phases import Doing, Told
from dashboard.people.models import User
from models_app.inventory import servers_for
from models_app.rights import sees_all
from models_app.serving.ask import Origin
from models_app.snapshot import name_key

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Serving:
    """Generations: how many, for whom, and where.

    `people` are those that the person may know of, in words, `conversations` the number
    and title of those that they are in; `count` is of all.
    """

    count: int = 0
    people: tuple[str, ...] = ()
    conversations: tuple[tuple[int, str], ...] = ()


NOBODY = Serving()


@dataclass(frozen=True, slots=True)
class Open:
    """A generation that runs or, without a server, waits; `name` is empty where the person
    may not know for whom it is, and `conversation` None where they are not in it."""

    origin: Origin
    server: str
    model: str
    name: str
    conversation: tuple[int, str] | None
    waits: bool = False
    ticket: str = ""
    since: datetime | None = None
    line: InLine | None = None

    @property
    def standing(self) -> str:
        """Its place in line, for which servers that the person may know of, and about how
        long yet; "" where nobody knows."""
        line = self.line
        if line is None or not line.servers:
            return ""
        left = (line.due - timezone.now()).total_seconds() if line.due else 0.0
        told = Told(
            Doing.QUEUED.value,
            server=", ".join(line.servers),
            position=line.position,
            people=line.people,
            left=left if left >= 1 else None,
        )
        return PhaseWords(told).whole

    @property
    def whom(self) -> str:
        """For whom it is, in words; "" where the person may not know."""
        if self.origin == Origin.BACKGROUND:
            return _("work in the background")
        if not self.name or self.origin == Origin.PERSON:
            return self.name
        words = {
            Origin.API: _("a program of %(name)s"),
            Origin.BATCH: _("a batch of %(name)s"),
        }
        return words[self.origin] % {"name": self.name}


def by_server(those: Iterable[Open]) -> dict[str, Serving]:
    """Those who are served, by the name of the server."""
    return _gathered(_served(those), lambda each: each.server)


def by_model(those: Iterable[Open]) -> dict[tuple[str, str], Serving]:
    """The same by server and `name_key` of the model, "" where nobody knows it."""
    return _gathered(_served(those), lambda each: (each.server, name_key(each.model)))


def waiting_by_model(those: Iterable[Open]) -> dict[str, int]:
    """How many wait, by `name_key` of the model: at none of its servers yet."""
    waiting = (each for each in those if each.waits)
    found = _gathered(waiting, lambda each: name_key(each.model))
    return {model: each.count for model, each in found.items()}


def being_served(person: User) -> list[Open]:
    """All who are served or wait, with what the person may know of each.

    People are known to those in the same conversation, and to administrators; everybody
    knows of their own. Titles are only for those who are inside.
    """
    present = _in_lines_for(person, all_present())
    titles = _titles_for(person, {e.conversation for e in present if e.conversation})
    names = _names_of(
        {e.person for e in present if e.person and _may_know(person, e, titles)}
    )
    return [_as_known(each, names, titles, person) for each in present]


def _in_lines_for(person: User, present: list[Present]) -> list[Present]:
    """They, in line for those servers that are the person's to know of."""
    if not any(each.line for each in present):
        return present
    theirs = {each.name for each in servers_for(person)}
    return [replace(each, line=_line_among(theirs, each.line)) for each in present]


def _line_among(theirs: Container[str], line: InLine | None) -> InLine | None:
    if line is None:
        return None
    return replace(line, servers=tuple(each for each in line.servers if each in theirs))


def _as_known(
    each: Present, names: Mapping[int, str], titles: Mapping[int, str], person: User
) -> Open:
    known = _may_know(person, each, titles)
    return Open(
        origin=each.origin,
        server=each.server,
        model=each.model,
        name=names.get(each.person or 0, "") if known else "",
        conversation=_titled(each.conversation, titles),
        waits=each.waits,
        ticket=each.ticket,
        since=each.since,
        line=each.line,
    )


def _titled(place: int | None, titles: Mapping[int, str]) -> tuple[int, str] | None:
    return (place, titles[place]) if place is not None and place in titles else None


def _may_know(person: User, each: Present, titles: Mapping[int, str]) -> bool:
    ours = each.conversation in titles or each.person == person.pk
    return ours or sees_all(person)


def _served(those: Iterable[Open]) -> Iterable[Open]:
    return (each for each in those if not each.waits)


def _gathered(those: Iterable[Open], key: Callable[[Open], K]) -> dict[K, Serving]:
    """As one `Serving` for each key; whoever is there twice is named once."""
    found: dict[K, list[Open]] = {}
    for each in those:
        found.setdefault(key(each), []).append(each)
    return {which: _serving(here) for which, here in found.items()}


def _serving(those: Iterable[Open]) -> Serving:
    here = list(those)
    people = dict.fromkeys(each.whom for each in here if each.whom)
    places = dict.fromkeys(each.conversation for each in here if each.conversation)
    return Serving(len(here), tuple(people), tuple(places))


def _titles_for(person: User, among: set[int]) -> dict[int, str]:
    """Of those of the conversations that the person is in."""
    if not among:
        return {}
    places = Participant.objects.filter(person=person.pk, conversation__in=among)
    return dict(places.values_list("conversation", "conversation__title"))


def _names_of(people: set[int]) -> dict[int, str]:
    if not people:
        return {}
    rows = User.objects.only("username", "first_name", "last_name").in_bulk(people)
    return {pk: each.name for pk, each in rows.items()}
