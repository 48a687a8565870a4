"""The history of a card as charts: a line within its least and most, broken at gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboard.status.amounts import WRITTEN
from dashboard.status.cells import MISSING
from models_app.nodes.history import LEAST, SECONDS, Column, History, Span

MOST = 720
"""Places of a chart: no screen shows more."""
HEIGHT = 100
NEARLY = 0.9
"""How much of the wanted time is taken for all of it."""
HOURS, DAYS = 3_600 + 60, 5 * 86_400
"""Up to how many seconds the clock alone tells a time, and from when on the day alone."""
ROWS = 60
"""Rows of the table that says the same."""
FULL = {"util": 100.0, "controller": 100.0, "fan": 100.0}
"""Where the scale of a chart ends, whatever was reached."""
LIKE = {
    "memory": "memory_used",
    "controller": "util",
    "memory_temperature": "temperature",
}
"""Which numbers are written like which others."""

Places = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """One number over time. `points` are the numbers at each place: middle, least, most."""

    name: str
    label: str
    line: str
    band: str
    top: str
    peak: str
    latest: str
    points: list[list[float] | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of the table: its beginning, and each number's middle, least and most."""

    at: datetime
    numbers: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Charts:
    """All charts of a card over a span; `width` is their number of places. `since`: from
    when on anything is known, where that is much later than the span would begin."""

    charts: list[Chart]
    width: int
    t0: int
    step: int
    marks: list[str]
    rows: list[Row]
    since: str

    @property
    def is_empty(self) -> bool:
        return not self.charts


def labels() -> dict[str, str]:
    """The numbers that are drawn, in order."""
    return {
        "util": _("Time busy"),
        "memory": _("Memory used"),
        "power": _("Power"),
        "temperature": _("Temperature"),
        "memory_temperature": _("Temperature of the memory"),
        "controller": _("Memory controller busy"),
        "sm_clock": _("Clock"),
        "fan": _("Fan"),
    }


def charts_of(history: History, span: Span, limits: dict[str, float]) -> Charts:
    """Every number that was ever known in that time, from when on any was; a limit ends
    the scale of its chart."""
    history, first = _from_first(history)
    length = max((len(each.avg) for each in history.columns.values()), default=0)
    each = -(-length // MOST) or 1
    known = {
        name: narrowed(history.columns[name], each)
        for name in labels()
        if name in history.columns and _is_known(history.columns[name].avg)
    }
    step = history.step * each
    width = -(-length // each)
    is_short = step * width < NEARLY * SECONDS[span]
    return Charts(
        charts=[
            _chart(name, column, FULL.get(name) or limits.get(name, 0.0))
            for name, column in known.items()
        ],
        width=max(width - 1, 1),
        t0=history.t0,
        step=step,
        marks=_marks(history.t0, step * width),
        rows=_rows(known, t0=history.t0, step=step, width=width),
        since=_told(first, step * width) if is_short else "",
    )


def _from_first(history: History) -> tuple[History, int]:
    """Without the places before the first that is known, if they are many, and when that
    was."""
    columns = history.columns.values()
    length = max((len(each.avg) for each in columns), default=0)
    firsts = (
        next((place for place, n in enumerate(each.avg) if n is not None), length)
        for each in columns
    )
    first = min(firsts, default=0)
    at = history.t0 + first * history.step
    lead = min(first, length - LEAST)
    if lead < (1 - NEARLY) * length:
        return history, at
    left = {
        name: Column(each.avg[lead:], each.low[lead:], each.high[lead:])
        for name, each in history.columns.items()
    }
    return History(history.t0 + lead * history.step, history.step, left), at


def narrowed(column: Column, each: int) -> Column:
    """The same in fewer places: of `each` of them the middle, the least and the most."""

    def merged(numbers: Places, how: str) -> list[float | None]:
        stretches = (numbers[i : i + each] for i in range(0, len(numbers), each))
        return [_merge([n for n in s if n is not None], how) for s in stretches]

    return Column(
        avg=merged(column.avg, "avg"),
        low=merged(column.low, "low"),
        high=merged(column.high, "high"),
    )


def _merge(known: list[float], how: str) -> float | None:
    if not known:
        return None
    if how == "avg":
        return sum(known) / len(known)
    return min(known) if how == "low" else max(known)


def line_path(places: Places, top: float) -> str:
    """A line through the known places; a lone one is a dot."""
    drawn = []
    for start, stretch in _stretches(places):
        dots = [f"{start + i},{_y(value, top)}" for i, value in enumerate(stretch)]
        drawn.append("M" + "L".join(dots) + ("h0" if len(dots) == 1 else ""))
    return "".join(drawn)


def band_path(column: Column, top: float) -> str:
    """The area between least and most."""
    lows, drawn = column.low, []
    for start, highs in _stretches(column.high):
        end = start + len(highs)
        over = [f"{start + i},{_y(value, top)}" for i, value in enumerate(highs)]
        under = [f"{x},{_y(lows[x] or 0, top)}" for x in range(end - 1, start - 1, -1)]
        drawn.append("M" + "L".join([*over, *under]) + "Z")
    return "".join(drawn)


def _stretches(places: Places) -> list[tuple[int, list[float]]]:
    found: list[tuple[int, list[float]]] = []
    up = True
    for x, value in enumerate(places):
        if value is not None:
            if up:
                found.append((x, []))
            found[-1][1].append(value)
        up = value is None
    return found


def _y(value: float, top: float) -> str:
    return f"{HEIGHT - HEIGHT * min(value, top) / top:.1f}".removesuffix(".0")


def _chart(name: str, column: Column, limit: float) -> Chart:
    reached = max(each for each in column.high if each is not None)
    top = max(reached, limit) or 1.0
    latest = next((e for e in reversed(column.avg) if e is not None), None)
    numbers = zip(column.avg, column.low, column.high, strict=True)
    return Chart(
        name=LIKE.get(name, name),
        label=labels()[name],
        line=line_path(column.avg, top),
        band=band_path(column, top),
        top=written(name, top),
        peak=written(name, reached),
        latest=written(name, latest),
        points=[
            None if avg is None else [round(n or 0, 1) for n in (avg, low, high)]
            for avg, low, high in numbers
        ],
    )


def written(name: str, value: float | None) -> str:
    return MISSING if value is None else WRITTEN[LIKE.get(name, name)](value)


def _is_known(places: Places) -> bool:
    return any(each is not None for each in places)


def _marks(t0: int, length: int) -> list[str]:
    """The times under a chart: where it begins, its middle and its end."""
    return [_told(t0 + length * part / 2, length) for part in range(3)]


def _told(at: float, length: int) -> str:
    """A time of a chart that is so many seconds long, as its pointer tells it too: by the
    day, by the clock, or by both."""
    day, clock = (date_format(_when(at), form) for form in ("MONTH_DAY_FORMAT", "H:i"))
    if length > DAYS:
        return day
    return clock if length <= HOURS else f"{day}, {clock}"


def _when(at: float) -> datetime:
    return datetime.fromtimestamp(at, timezone.get_current_timezone())


def _rows(known: dict[str, Column], *, t0: int, step: int, width: int) -> list[Row]:
    each = -(-width // ROWS) or 1
    columns = {name: narrowed(column, each) for name, column in known.items()}
    rows = []
    for place in range(-(-width // each)):
        numbers = [
            (
                written(name, column.avg[place]),
                written(name, column.low[place]),
                written(name, column.high[place]),
            )
            for name, column in columns.items()
        ]
        if any(told[0] != MISSING for told in numbers):
            rows.append(Row(_when(t0 + place * each * step), numbers))
    return rows[::-1]
