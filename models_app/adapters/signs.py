"""What gives a kind of server away: the question to ask it, and how to read its answer."""

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from models_app.adapters.shapes import object_in, objects_at


@dataclass(frozen=True, slots=True)
class Sign:
    """A GET that is asked in the order of `step`; `shows` knows its kind by the answer.

    Where several kinds ask for the same path, the answer is fetched once and each reads
    it, in the order of the registry.
    """

    step: int
    path: str
    shows: Callable[[httpx.Response], bool]


def owners_in(response: httpx.Response) -> set[str]:
    """Whom an OpenAI-style list of models names as owners."""
    entries = objects_at(object_in(response), "data")
    return {str(each.get("owned_by")) for each in entries if response.is_success}
