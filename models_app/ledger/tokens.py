"""How many tokens were read and written in a time, by model."""

from django.db.models import Sum

from models_app.energy.cloud_costs import Tokens
from models_app.energy.queries import Span
from models_app.models import Generation


def tokens_in(span: Span) -> list[Tokens]:
    """Those of all generations that ended in that time, whoever asked for them, as far as
    their servers told them."""
    rows = (
        Generation.objects.filter(ended_at__gte=span.since, ended_at__lt=span.until)
        .order_by("model")
        .values("model")
        .annotate(prompt=Sum("prompt_tokens"), completion=Sum("completion_tokens"))
    )
    told = (
        Tokens(
            row["model"], prompt=row["prompt"] or 0, completion=row["completion"] or 0
        )
        for row in rows
    )
    return [each for each in told if each.count]
