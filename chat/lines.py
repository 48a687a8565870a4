"""The lines that a page shows of a conversation: a stretch of one branch of its tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from chat.alarm_words import Told, told_of
from chat.blocks import split
from chat.branch import tree_of
from chat.markdown import render
from chat.models import Message, Participant
from chat.phase_words import PhaseWords, passed_over, phase_of
from chat.tree import Tree
from dashboard.errors import NotFound, RequestsSpent
from dashboard.sentences import sentence_for
from models_app.adapters.honours import SENTENCES, Lapse
from models_app.serving.alarm import Kind

SHOWN = 50
"""How many messages a page opens with; what came earlier is fetched as one goes up."""

MOST = 300
"""How many messages one answer holds at the most."""


@dataclass(frozen=True, slots=True)
class Fork:
    """Where a message stands among those that answer the same; 0 where there is none."""

    number: int = 1
    of: int = 1
    previous: int = 0
    next: int = 0


@dataclass(frozen=True, slots=True)
class Undone:
    """A line of a preset that the server did not heed, and why, in words."""

    what: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One message as a page shows it: finished HTML, and the open text after it.

    `resets_at` is when whoever asked may ask again, where that is known.
    """

    message: Message
    html: SafeString
    rest: str
    error: str
    resets_at: datetime | None = None
    fork: Fork = Fork()
    unheeded: tuple[Undone, ...] = ()
    alarm: Told | None = None
    phase: PhaseWords | None = None
    passed_over: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Changes whenever the line would look different."""
        message, fork = self.message, self.fork
        return f"{message.status}.{message.seq}.{fork.number}.{fork.of}"

    @property
    def tokens_per_second(self) -> float | None:
        """Over the time after the first token, in which the first itself does not count."""
        message = self.message
        if not message.completion_tokens or message.first_token_ms is None:
            return None
        writing = (message.total_ms or 0) - message.first_token_ms
        return (message.completion_tokens - 1) * 1000 / writing if writing > 0 else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines of one branch, oldest first; `earlier` is the first if others come before it.

    `anew` says that it is not what a page asked for, but what it should show instead.
    """

    lines: Sequence[Line]
    earlier: int = 0
    anew: bool = False

    @property
    def writing(self) -> bool:
        return any(line.message.status == Message.Status.OPEN for line in self.lines)

    @property
    def leaf(self) -> int:
        return self.lines[-1].message.pk if self.lines else 0


def branch_of(place: Participant, tree: Tree) -> list[int]:
    """The numbers of the branch that the person looks at, down to its newest message."""
    leaf = place.leaf_id if place.leaf_id in tree else None
    return tree.path(tree.tip(leaf))


def newest_lines(place: Participant) -> Stretch:
    tree = tree_of(place.conversation_id)
    return stretch(tree, branch_of(place, tree))


def lines_before(place: Participant, message: int) -> Stretch:
    """The stretch that ends just above the message."""
    tree = tree_of(place.conversation_id)
    branch = branch_of(place, tree)
    if message not in branch:
        return replace(stretch(tree, branch), anew=True)
    return stretch(tree, branch[: branch.index(message)])


def lines_from(place: Participant, message: int, *, besides: bool = False) -> Stretch:
    """From the message on (or, `besides`, after it), if it is on the person's branch.

    Otherwise, and where that is too much, the newest stretch, `anew`.
    """
    tree = tree_of(place.conversation_id)
    branch = branch_of(place, tree)
    after = len(branch) - branch.index(message) - besides if message in branch else MOST
    if after >= MOST:
        return replace(stretch(tree, branch), anew=True)
    return stretch(tree, branch, most=after)


def lines_to(conversation_id: int, *, at: int = 0, before: int = 0) -> Stretch:
    """A stretch for somebody without a place: of the newest branch, or of that of `at`."""
    tree = tree_of(conversation_id)
    branch = tree.path(tree.tip(at if at in tree else None))
    return stretch(tree, branch[: branch.index(before)] if before in branch else branch)


def stretch(tree: Tree, branch: Sequence[int], *, most: int = SHOWN) -> Stretch:
    """The newest lines of a branch of the tree."""
    numbers = branch[len(branch) - most :] if most < len(branch) else branch
    rows = _rows().in_bulk(numbers)
    lines = [
        line_of(rows[number], fork_at(tree, number))
        for number in numbers
        if number in rows
    ]
    return Stretch(lines, numbers[0] if len(numbers) < len(branch) and numbers else 0)


def first_unread(place: Participant, stretch: Stretch) -> int:
    """The first line that the person has not seen; 0 where all is new, or nothing is."""
    new = [
        line.message.pk
        for line in stretch.lines
        if line.message.pk > place.read_to
        and place.person_id not in (line.message.author_id, line.message.asked_by_id)
    ]
    return new[0] if new and place.read_to else 0


def fork_at(tree: Tree, message: int) -> Fork:
    siblings = tree.siblings(message)
    at = siblings.index(message)
    return Fork(
        number=at + 1,
        of=len(siblings),
        previous=siblings[at - 1] if at else 0,
        next=siblings[at + 1] if at + 1 < len(siblings) else 0,
    )


def line_in(message: Message) -> Line:
    """The line of one message, with its fork; `NotFound` once it is deleted."""
    tree = tree_of(message.conversation_id)
    row = _rows().filter(pk=message.pk).first()
    if row is None or row.pk not in tree:
        raise NotFound
    return line_of(row, fork_at(tree, row.pk))


def line_of(message: Message, fork: Fork = Fork()) -> Line:
    if message.status != Message.Status.OPEN:
        # Both ways the HTML is our own renderer's, sanitised there.
        html, rest = mark_safe(message.html), ""  # noqa: S308
    else:
        finished, rest = split(message.text)
        html = render("".join(finished))
    return Line(
        message=message,
        html=html,
        rest=rest,
        error=_error(message),
        resets_at=_resets_at(message),
        fork=fork,
        unheeded=tuple(_undone(each) for each in message.unheeded),
        alarm=told_of(message),
        phase=phase_of(message) if message.status == Message.Status.OPEN else None,
        passed_over=tuple(map(passed_over, message.way.get("passed_over", ()))),
    )


def _rows() -> QuerySet[Message]:
    """Messages with all that a line tells of them; `said_by` wrote what a reply answers."""
    rows = Message.objects.select_related("author", "asked_by", "stopped_by")
    return rows.annotate(said_by=F("parent__author"))


def _error(message: Message) -> str:
    """What an alarm says in our words, and with a way out, is not said in a server's."""
    if not message.error_code or message.alarm.get("kind") == Kind.REFUSED:
        return ""
    return sentence_for(message.error_code, message.error_facts)


def _resets_at(message: Message) -> datetime | None:
    """While it is to come: when the quota that refused it is there again."""
    seconds = message.error_facts.get("retry_after")
    # When another reply ends nobody knows, and what lasts until midnight says so itself.
    known = message.is_refused and message.error_code == RequestsSpent.code
    if not known or message.closed_at is None or not isinstance(seconds, int):
        return None
    at = message.closed_at + timedelta(seconds=seconds)
    return at if at > timezone.now() else None


def _undone(kept: Mapping[str, Any]) -> Undone:
    sentence = gettext(SENTENCES[Lapse(kept["reason"])])
    return Undone(kept["what"], kept["line"], sentence % kept["facts"])
