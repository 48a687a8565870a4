"""The line of a card's last five minutes, as the path of an SVG."""

from collections.abc import Iterable, Sequence

SECONDS, STEP = 300, 2
PLACES = SECONDS // STEP
"""Places of a line, oldest first; `static/js/line.js` moves them on."""


def path_of(places: Iterable[float | None]) -> str:
    """The share of 100 at each place; where nothing is known the line is broken."""
    drawn, up = [], True
    for x, value in enumerate(places):
        if value is not None:
            drawn.append(f"{'M' if up else 'L'}{x},{100 - round(value)}")
        up = value is None
    return "".join(drawn)


def places_of(numbers: Sequence[float | None]) -> list[float | None]:
    """A number for each place, of one for each second."""
    return [
        _middle([each for each in numbers[i : i + STEP] if each is not None])
        for i in range(0, len(numbers), STEP)
    ]


def _middle(known: list[float]) -> float | None:
    return sum(known) / len(known) if known else None
