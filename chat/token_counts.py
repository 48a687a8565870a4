"""How many tokens were read and written for the chats, by model."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Sum

from chat.models import Message
from models_app.energy.cloud_costs import Tokens
from models_app.models import Preset
from models_app.queries import MODEL, PRESET


def tokens_between(since: datetime, until: datetime) -> list[Tokens]:
    """Those of the replies that ended in that time, as far as their servers told them."""
    rows = (
        Message.objects.filter(closed_at__gte=since, closed_at__lt=until)
        .order_by()
        .values("target")
        .annotate(prompt=Sum("prompt_tokens"), completion=Sum("completion_tokens"))
    )
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    models = dict(Preset.objects.values_list("pk", "model"))
    for row in rows:
        count = counts[_model(row["target"], models)]
        count[0] += row["prompt"] or 0
        count[1] += row["completion"] or 0
    return [
        Tokens(name, prompt=prompt, completion=completion)
        for name, (prompt, completion) in sorted(counts.items())
        if prompt or completion
    ]


def _model(target: str, models: dict[int, str]) -> str:
    """The model behind a target, a preset's as it is now; "" when nobody knows any more."""
    if target.startswith(PRESET):
        number = target.removeprefix(PRESET)
        return models.get(int(number), "") if number.isdecimal() else ""
    return target.removeprefix(MODEL)
