"""The grid of models and groups as a form: how it is shown, and what it sends."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import Group
from django.http import QueryDict

from models_app.services.restrictions import (
    ADMINISTRATORS,
    Access,
    Change,
    Edit,
    for_administrators,
    for_everybody,
    give_to,
    only_for,
    take_from,
)
from models_app.visibility import ModelRow, model_rows

EVERYBODY = "*"
"""The value of the box that is ticked where a model is for everybody."""
ROWS, SPARE = 50, 20
"""The rows of a page, and its form fields beside those of the rows."""
FOR_ALL: dict[str, Change] = {
    "everybody": for_everybody,
    "administrators": for_administrators,
}
FOR_A_GROUP = {"only": only_for, "give": give_to, "take": take_from}


@dataclass(frozen=True, slots=True)
class GridRow:
    """A model with a box for each group; `was` is how it stood when the page was made."""

    model: str
    servers: tuple[str, ...]
    was: str
    boxes: tuple[tuple[int, bool], ...]
    everybody: bool
    administrators: bool


def rows_per_page(groups: int) -> int:
    """So many that Django takes the form even when every box is ticked."""
    most: int = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS - SPARE
    return max(1, min(ROWS, most // (groups + 4)))


def found_rows(asked: QueryDict) -> list[ModelRow]:
    """The models that the search and the filters of the page leave."""
    server = asked.get("server", "")
    return model_rows(
        search=asked.get("q", ""),
        server=int(server) if server.isdecimal() else None,
        restricted="restricted" in asked,
    )


def grid_row(row: ModelRow, groups: Sequence[Group]) -> GridRow:
    ticked = row.access or frozenset()
    return GridRow(
        model=row.model,
        servers=row.servers,
        was=written(row.access),
        boxes=tuple((each.pk, each.pk in ticked) for each in groups),
        everybody=row.access is None,
        administrators=row.access == ADMINISTRATORS,
    )


def written(access: Access) -> str:
    return EVERYBODY if access is None else " ".join(map(str, sorted(access)))


def read(words: Iterable[str]) -> Access:
    """What ticked boxes mean: where everybody is ticked, the groups do not count."""
    told = set(words)
    if EVERYBODY in told:
        return None
    return frozenset(int(each) for each in told if each.isdecimal())


def sent_edits(sent: QueryDict) -> Iterator[Edit]:
    """What each row was when the page was made, and what its boxes say now."""
    shown = zip(sent.getlist("row"), sent.getlist("was"), strict=False)
    for number, (model, was) in enumerate(shown):
        ticked = sent.getlist(f"box-{number}")
        yield Edit(model, was=read(was.split()), now=read(ticked))


def moot_ticks(sent: QueryDict) -> int:
    """In how many rows a group was ticked though everybody stayed ticked."""
    stayed = (
        sent.getlist(f"box-{number}")
        for number, was in enumerate(sent.getlist("was"))
        if was == EVERYBODY
    )
    return sum(EVERYBODY in ticked and len(ticked) > 1 for ticked in stayed)


def chosen_models(sent: QueryDict) -> list[str]:
    models = sent.getlist("row")
    numbers = (int(each) for each in sent.getlist("chosen") if each.isdecimal())
    return [models[each] for each in numbers if each < len(models)]


def chosen_change(sent: QueryDict) -> Change | None:
    """What is to be done with the chosen models."""
    action, _, group = sent.get("action", "").partition("-")
    if action in FOR_A_GROUP and group.isdecimal():
        return FOR_A_GROUP[action](int(group))
    return FOR_ALL.get(action)


def gives_or_takes(sent: QueryDict) -> bool:
    """Whether the action leaves alone what is for everybody."""
    return sent.get("action", "").startswith(("give-", "take-"))
