"""Who is being served now, by which server, as one person may know it."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from chat.models import Message, Participant
from dashboard.people.models import User
from models_app.queries import MODEL, PRESET
from models_app.rights import sees_all
from models_app.snapshot import everything, name_key

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Serving:
    """Replies that are open: how many, for whom, and where.

    `people` are the names that the person may know, `conversations` the number and title
    of those that they are in; `count` is of all.
    """

    count: int = 0
    people: tuple[str, ...] = ()
    conversations: tuple[tuple[int, str], ...] = ()


NOBODY = Serving()


@dataclass(frozen=True, slots=True)
class Open:
    """An open reply; `name` is empty where the person may not know for whom it is."""

    server: str
    model: str
    name: str
    conversation: tuple[int, str] | None


def by_server(replies: Iterable[Open]) -> dict[str, Serving]:
    """Open replies by the name of their server; those without one yet under ""."""
    return _gathered(replies, lambda each: each.server)


def by_model(replies: Iterable[Open]) -> dict[tuple[str, str], Serving]:
    """The same by server and `name_key` of the model, "" where a preset is gone."""
    return _gathered(replies, lambda each: (each.server, each.model))


def open_replies(person: User) -> list[Open]:
    """All open replies, the oldest first, with what the person may know of each.

    People are known to those in the same conversation, and to administrators; titles
    only to those who are in it.
    """
    rows = list(
        Message.objects.open()
        .select_related("asked_by", "conversation")
        .only("server", "target", "conversation__title", *ASKED)
        .order_by("pk")
    )
    inside = _conversations_of(person, {each.conversation_id for each in rows})
    models = _models_of_presets({each.target for each in rows})
    return [
        Open(
            server=each.server,
            model=models.get(each.target) or _model_in(each.target),
            name=each.asked_by.name
            if each.asked_by and (sees_all(person) or each.conversation_id in inside)
            else "",
            conversation=(each.conversation_id, each.conversation.title)
            if each.conversation_id in inside
            else None,
        )
        for each in rows
    ]


ASKED = tuple(
    f"asked_by__{column}" for column in ("username", "first_name", "last_name")
)


def _gathered(replies: Iterable[Open], key: Callable[[Open], K]) -> dict[K, Serving]:
    """Open replies as one `Serving` for each key; every name stands there once."""
    found: dict[K, list[Open]] = {}
    for each in replies:
        found.setdefault(key(each), []).append(each)
    return {which: _serving(those) for which, those in found.items()}


def _serving(replies: Iterable[Open]) -> Serving:
    those = list(replies)
    names = dict.fromkeys(each.name for each in those if each.name)
    places = dict.fromkeys(each.conversation for each in those if each.conversation)
    return Serving(len(those), tuple(names), tuple(places))


def _conversations_of(person: User, among: set[int]) -> set[int]:
    if not among:
        return set()
    places = Participant.objects.filter(person=person.pk, conversation__in=among)
    return set(places.values_list("conversation", flat=True))


def _models_of_presets(targets: set[str]) -> dict[str, str]:
    if not any(each.startswith(PRESET) for each in targets):
        return {}
    return {f"{PRESET}{each.pk}": each.key for each in everything().presets}


def _model_in(target: str) -> str:
    return name_key(target.removeprefix(MODEL)) if target.startswith(MODEL) else ""
