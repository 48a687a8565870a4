"""JSON that somebody else wrote: what has another shape than expected counts as nothing."""

from collections.abc import Iterator
from typing import Any

import httpx


def json_in(response: httpx.Response) -> object:
    """What a body says; None when it is no JSON."""
    try:
        told: object = response.json()
    except (ValueError, RecursionError):
        return None
    return told


def object_in(response: httpx.Response) -> dict[str, Any]:
    """The JSON object that a body is; an empty one for all else."""
    return _object(json_in(response))


def object_at(told: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under a name; an empty one for all else."""
    return _object(told.get(name))


def objects_at(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in the list under a name."""
    return [*_objects(told.get(name))]


def entries_in(told: object, name: str, *marks: str) -> list[dict[str, Any]] | None:
    """The objects in a list with a name and these marks; None when it holds only others."""
    known = [
        each
        for each in _objects(told)
        if each.get(name) and all(mark in each for mark in marks)
    ]
    return known if known or told == [] else None


def _objects(told: object) -> Iterator[dict[str, Any]]:
    entries = told if isinstance(told, list) else []
    return (each for each in entries if isinstance(each, dict))


def _object(told: object) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}
