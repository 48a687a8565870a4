"""A part of a list, as a program asks for it in the address."""

from dataclasses import dataclass
from typing import Final, TypeVar

from django.db.models import Model, QuerySet
from starlette.requests import Request

from dashboard.errors import FieldUnfit

M = TypeVar("M", bound=Model)

USUAL: Final = 20
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """At most `limit`, those that come after the one of this name."""

    limit: int = USUAL
    after: str = ""


def wanted_in(request: Request, *, usual: int = USUAL, most: int = MOST) -> Wanted:
    """What is asked for; `FieldUnfit` for no number."""
    told = request.query_params.get("limit", str(usual))
    if not (told.isascii() and told.isdigit() and 1 <= int(told[:9]) <= most):
        detail = f"it must be a whole number from 1 to {most}"
        raise FieldUnfit(param="limit", detail=detail)
    return Wanted(int(told[:9]), request.query_params.get("after", ""))


def paged(rows: QuerySet[M], after: M | None, limit: int) -> tuple[list[M], bool]:
    """So many of the rows, the newest first, and whether there are more."""
    if after is not None:
        rows = rows.filter(pk__lt=after.pk)
    found = list(rows.order_by("-pk")[: limit + 1])
    return found[:limit], len(found) > limit
