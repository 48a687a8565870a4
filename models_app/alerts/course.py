"""The course of one alert: watched, open, over. Pure; the clock is passed in."""

from dataclasses import dataclass, replace

from models_app.alerts.findings import Verdict

LONGEST_GAP = 30.0
"""Seconds without a look at what is watched, after which its time begins anew: nobody
knows how it was meanwhile."""


@dataclass(frozen=True, slots=True)
class Course:
    """Where an alert is; times are Unix time.

    It is watched until `opened_at` is set; while it is well again, `calm_since` is set.
    """

    began: float
    troubled_at: float
    opened_at: float | None = None
    calm_since: float | None = None
    is_over: bool = False


def next_course(
    course: Course | None, verdict: Verdict, *, now: float, lasts: float, calm: float
) -> Course | None:
    """Where it goes from here; None where there is nothing to say or to watch.

    It opens once trouble has lasted `lasts` seconds, and is over once it has been calm for
    `calm`: in between it does neither, so that nothing flaps at a border.
    """
    if course is None or course.opened_at is None:
        return _watched(course, verdict, now=now, lasts=lasts)
    if verdict is not Verdict.CALM:
        troubled = now if verdict is Verdict.TROUBLE else course.troubled_at
        return replace(course, troubled_at=troubled, calm_since=None)
    since = now if course.calm_since is None else min(course.calm_since, now)
    return replace(course, calm_since=since, is_over=now - since >= calm)


def _watched(
    course: Course | None, verdict: Verdict, *, now: float, lasts: float
) -> Course | None:
    if verdict is not Verdict.TROUBLE:
        return None
    known = course is not None and 0 <= now - course.troubled_at <= LONGEST_GAP
    began = course.began if course and known else now
    return Course(began, now, opened_at=now if now - began >= lasts else None)
