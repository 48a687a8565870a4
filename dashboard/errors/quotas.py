"""What somebody has had enough of for now, and when there is more.

`retry_after` says so in seconds, for programs.
"""

from dashboard.errors.base import DashboardError, gettext_noop


class QuotaSpent(DashboardError):
    """A limit of the person is reached; `limit` is what they may take."""

    code = "quota_spent"
    status = 429
    sentence = gettext_noop(
        "You have used all that you may for now. Try again later, or ask an "
        "administrator for more."
    )


class RequestsSpent(QuotaSpent):
    code = "requests_spent"
    sentence = gettext_noop(
        "You may ask %(limit)s times a minute, and have. Ask again when the minute is over."
    )


class PlacesSpent(QuotaSpent):
    code = "places_spent"
    sentence = gettext_noop(
        "You may have %(limit)s replies at once, written or waiting, and have. "
        "Ask again when one of them has ended, or stop one."
    )


class TokensSpent(QuotaSpent):
    code = "tokens_spent"
    counts = ("limit", "used")
    sentence = gettext_noop(
        "You may use %(limit)s tokens a day, and have used %(used)s today. "
        "You can go on after midnight (%(zone)s), or ask an administrator for more."
    )


class GpuTimeSpent(QuotaSpent):
    code = "gpu_time_spent"
    sentence = gettext_noop(
        "You may use the GPUs for %(limit)s minutes a day, and have for %(used)s today. "
        "You can go on after midnight (%(zone)s), or ask an administrator for more."
    )
