"""The ledger against the database and the pages: every difference is a sentence."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate, pairwise

from chat.blocks import split
from chat.markdown import render
from tests.faults.articles import Article
from tests.faults.gremlin import KILL_WEB
from tests.faults.kept import Kept
from tests.faults.ledger import Ledger, Sent, Sight
from tests.faults.story import View

CHECKPOINT = 1.5
"""What was shown so long before its writer was killed is kept."""
CLOSED = ("done", "stopped", "interrupted", "failed")


def differences(
    ledger: Ledger, kept: Sequence[Kept], views: Iterable[View]
) -> list[str]:
    return [
        *ledger.complaints,
        *_messages(ledger.sent, [each for each in kept if each.is_said]),
        *_replies(ledger, kept),
        *_sights(ledger, {each.pk: each for each in kept}),
        *(told for view in views for told in _page(view, kept)),
    ]


def _messages(sent: Sequence[Sent], said: Sequence[Kept]) -> Iterator[str]:
    """Each is there once, as it was sent, by whom and where, in the order of sending."""
    rows = Counter(each.key for each in said)
    known = {each.key: each for each in said}
    for each in sent:
        if rows[each.key] != 1:
            yield f"“{each.text}” was sent once and is there {rows[each.key]} times"
            continue
        row = known[each.key]
        kept = Sent(row.key, row.author or "", row.conversation, row.text)
        if kept != each:
            yield f"{each} is kept as {kept}"
    for key in rows.keys() - {each.key for each in sent}:
        yield f"nobody sent message {known[key].pk}, “{known[key].text}”"
    places = [known[each.key] for each in sent if each.key in known]
    yield from _order(places)


def _order(rows: Sequence[Kept]) -> Iterator[str]:
    """In one conversation, one person's messages are in the order in which they came."""
    for who in {(each.author, each.conversation) for each in rows}:
        own = [each for each in rows if (each.author, each.conversation) == who]
        for first, second in pairwise(own):
            if first.pk > second.pk:
                yield f"“{first.text}” was sent before “{second.text}”"


def _replies(ledger: Ledger, kept: Sequence[Kept]) -> Iterator[str]:
    """Each message has one reply, and at most one more for each wish; all are closed."""
    replies = {each.pk: each for each in kept if not each.is_said}
    count = Counter(each.parent for each in replies.values())
    wishes = Counter(replies[pk].parent for pk in ledger.asked if pk in replies)
    for each in kept:
        if each.is_said and not 1 <= count[each.pk] <= 1 + wishes[each.pk]:
            yield f"message {each.pk} has {count[each.pk]} replies"
    for each in replies.values():
        if each.status not in CLOSED:
            yield f"reply {each.pk} is {each.status}"
    for new, old in ledger.beside.items():
        if {new, old} - replies.keys() or replies[new].parent != replies[old].parent:
            yield f"reply {new} was told of and is not beside reply {old}"


def _sights(ledger: Ledger, kept: Mapping[int, Kept]) -> Iterator[str]:
    """All that somebody was shown of a reply is the beginning of its text."""
    for (reply, _), sights in ledger.sights.items():
        row = kept.get(reply)
        if row is None:
            yield f"reply {reply} was shown and is gone"
            continue
        until = _until(ledger, row)
        counting = [
            each for each in sights if each.at < until and not _lost(ledger, each)
        ]
        if counting and not begins_with(row.text, counting[-1]):
            yield f"reply {reply} ({row.status}) is {row.text!r}, shown was {counting[-1]}"


def _until(ledger: Ledger, row: Kept) -> float:
    """The time up to which what was shown must be kept."""
    if row.status != "interrupted":
        return float("inf")
    killed = ledger.faults_between(KILL_WEB, row.created, row.closed)
    return min(killed) - CHECKPOINT if killed else float("inf")


def _lost(ledger: Ledger, sight: Sight) -> bool:
    """Whether a process was killed before a checkpoint could have what was shown: what had
    no other by then is asked for anew."""
    return bool(ledger.faults_between(KILL_WEB, sight.at, sight.at + CHECKPOINT))


def begins_with(text: str, sight: Sight) -> bool:
    """Whether a page that was given the text in pieces may have shown this."""
    ends = [0, *accumulate(len(block) for block in split(text)[0])]
    places = {0}
    for html in filter(None, sight.blocks):
        places = {
            end
            for begin in places
            for end in ends
            if end > begin and _html(text[begin:end]) == html
        }
    return any(text.startswith(sight.rest, place) for place in places)


@cache
def _html(markdown: str) -> str:
    return render(markdown).strip()


def _page(view: View, kept: Sequence[Kept]) -> Iterator[str]:
    where = f"{view.person}'s page of conversation {view.conversation}"
    rows = {each.pk: each for each in kept if each.conversation == view.conversation}
    shown = Counter(each.message for each in view.fetched)
    for pk in sorted(_due(view.person, list(rows.values())) - shown.keys()):
        yield f"{where} lacks message {pk}"
    for pk in sorted(shown.keys() - rows.keys()):
        yield f"{where} has message {pk}, which is not there"
    for pk, times in shown.items():
        if times != 1:
            yield f"{where} shows message {pk} {times} times"
    for article in view.fetched:
        if row := rows.get(article.message):
            yield from (f"{where} {told}" for told in _shown(article, row))
        if row and row.is_said and not shown.keys() & _replies_to(row, rows.values()):
            yield f"{where} shows no reply to message {row.pk}"
    yield from _stayed(where, view)


def _shown(article: Article, row: Kept) -> Iterator[str]:
    if not f"{article.version}.".startswith(f"{row.version}."):
        yield f"shows {article.version} of {row.pk}, which is {row.version}"
    if row.is_said and row.text.split()[0] not in article.body:
        yield f"shows another text for message {row.pk}"


def _replies_to(said: Kept, rows: Iterable[Kept]) -> set[int]:
    return {each.pk for each in rows if each.parent == said.pk and not each.is_said}


def _due(person: str, rows: Sequence[Kept]) -> set[int]:
    """What the person must see: what they said, and all of what is no tree."""
    branches = Counter(each.parent for each in rows).values()
    if any(count > 1 for count in branches):
        return {each.pk for each in rows if each.author == person}
    return {each.pk for each in rows}


def _stayed(where: str, view: View) -> Iterator[str]:
    """The page that stayed open all the time shows what a fresh one does."""
    fresh = {each.message: each.version for each in view.fetched}
    for each in view.fetched[-view.newest :] if view.newest else []:
        if each.message not in view.stayed:
            yield f"{where}, which stayed open, lacks message {each.message}"
    for message, article in view.stayed.items():
        if fresh.get(message) != article.version:
            now = fresh.get(message, "gone")
            yield f"{where}, which stayed open, shows {article.version} of {message}: {now}"
