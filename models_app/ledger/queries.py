"""What was used in a time: by model, server, person, group or key."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.utils.translation import gettext as _

from dashboard.people.models import User
from models_app.energy.queries import JOULES_A_KWH, Span, energy_settings
from models_app.ledger.uses import Use, Waits
from models_app.models import ApiKey, Generation

WRITTEN = (Generation.Status.DONE, Generation.Status.STOPPED)
BROKEN = (Generation.Status.FAILED, Generation.Status.LOST)
ADDED = ("replies", "failed", "prompt", "completion", "cached", "gpu_seconds", "joules")

Key = Any
"""A number of a person or a group, or a name; None where there is none."""


class By(StrEnum):
    """By what use is added up."""

    MODEL = "model"
    SERVER = "server"
    PERSON = "person"
    GROUP = "group"
    KEY = "key"


FOR_ALL = (By.MODEL, By.SERVER, By.PERSON, By.GROUP)
"""By what the use of everybody is added up; keys are each person's own."""
COLUMNS = {
    By.MODEL: "model",
    By.SERVER: "server",
    By.PERSON: "person",
    By.GROUP: "person",
    By.KEY: "key",
}


def by_label(by: By) -> str:
    return {
        By.MODEL: _("Model"),
        By.SERVER: _("Server"),
        By.PERSON: _("Person"),
        By.GROUP: _("Group"),
        By.KEY: _("Key"),
    }[by]


def by_in(word: str) -> By:
    """What is asked for; by person for anything else."""
    return By(word) if word in FOR_ALL else By.PERSON


def use_by(by: By, span: Span, *, person: int | None = None) -> list[Use]:
    """What was used in that time, the most tokens first; of one person, or of all.

    A person in several groups counts in each of them. The database adds up, in two
    queries; two more name people and groups.
    """
    rows = Generation.objects.filter(ended_at__gte=span.since, ended_at__lt=span.until)
    if person is not None:
        rows = rows.filter(person=person)
    found = _added_up(rows.order_by(), COLUMNS[by])
    if by == By.GROUP:
        found = _by_group(found)
    names = _names(by, found)
    uses = [each.named(names.get(key) or _("unknown")) for key, each in found.items()]
    return sorted(uses, key=lambda each: (-each.tokens, -each.replies, each.name))


def _added_up(rows: QuerySet[Generation], column: str) -> dict[Key, Use]:
    """By each value of the column. The sums come a piece for each length of the queue,
    so that one query tells both them and how long people waited."""
    found: dict[Key, Use] = defaultdict(Use)
    queues: dict[Key, dict[int | None, int]] = defaultdict(dict)
    firsts: dict[Key, dict[int | None, int]] = defaultdict(dict)
    for row in _with_sums(rows.values(column, wait=_coarse("queue_ms"))):
        queues[row[column]][row["wait"]] = row["count"]
        found[row[column]] += Use(**{name: row[f"all_{name}"] for name in ADDED})
    waited = rows.values(column, wait=_coarse("first_token_ms"))
    for row in waited.annotate(count=Count("pk")):
        firsts[row[column]][row["wait"]] = row["count"]
    return {
        key: replace(each, queue=Waits(queues[key]), first_token=Waits(firsts[key]))
        for key, each in found.items()
    }


def _with_sums(rows: Any) -> Iterator[Mapping[str, Any]]:
    summed = rows.annotate(
        count=Count("pk"),
        all_replies=Count("pk", filter=Q(status__in=WRITTEN)),
        all_failed=Count("pk", filter=Q(status__in=BROKEN)),
        all_prompt=Sum("prompt_tokens"),
        all_completion=Sum("completion_tokens"),
        all_cached=Sum("cached_tokens"),
        all_gpu_seconds=Sum("gpu_seconds"),
        all_joules=Sum("joules"),
    )
    yield from summed


def _coarse(column: str) -> Case:
    """Milliseconds to two digits, rounded down: few enough to count how often each came."""
    steps = [
        When(
            **{f"{column}__lt": step * 100}, then=F(column) / Value(step) * Value(step)
        )
        for step in (1, 10, 100, 1_000, 10_000)
    ]
    most = Value(100_000)
    return Case(*steps, default=F(column) / most * most)


def _by_group(people: Mapping[Key, Use]) -> dict[Key, Use]:
    groups: dict[Key, list[Key]] = defaultdict(list)
    for person, group in User.groups.through.objects.values_list("user", "group"):
        groups[person].append(group)
    found: dict[Key, Use] = defaultdict(Use)
    nobodys: list[Key] = [None]
    for person, use in people.items():
        for group in groups.get(person, nobodys):
            found[group] += use
    return dict(found)


def _names(by: By, keys: Iterable[Key]) -> dict[Key, str]:
    """What each is called; words for what has no name."""
    known = [each for each in keys if each is not None]
    if by == By.PERSON:
        people = User.objects.in_bulk(known)
        named = {pk: each.name for pk, each in people.items()}
        return {None: _("people who are gone"), **named}
    if by == By.GROUP:
        groups = Group.objects.values_list("pk", "name")
        return {None: _("in no group"), **dict(groups)}
    if by == By.KEY:
        named = {pk: str(each) for pk, each in ApiKey.objects.in_bulk(known).items()}
        return {None: _("without a key"), **named}
    nameless = _("no server yet") if by == By.SERVER else _("unknown")
    return {each: each or nameless for each in keys}


@dataclass(frozen=True, slots=True)
class Price:
    """Of a kilowatt hour; None where nobody has said one."""

    amount: float | None
    currency: str

    def of(self, joules: float | None) -> float | None:
        if self.amount is None or joules is None:
            return None
        return joules * self.amount / JOULES_A_KWH


def price_now() -> Price:
    settings = energy_settings()
    amount = None if settings.price is None else float(settings.price)
    return Price(amount, settings.currency)


def together(uses: Sequence[Use]) -> Use:
    """All of them as one."""
    return sum(uses, Use()).named(_("Together"))
