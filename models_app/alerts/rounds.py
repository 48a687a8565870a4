"""Telling the webhooks what they have not been told, side by side."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import Error
from django.utils import timezone

from dashboard.errors import DatabaseAway
from dashboard.live.db import in_db
from models_app.alerts.deliveries import (
    claim_alike,
    claim_next,
    close_try,
    webhooks_to_tell,
)
from models_app.alerts.messages import message_of
from models_app.alerts.posting import post
from models_app.closing import closed_at_last
from models_app.models import Delivery
from models_app.rounds import in_rounds


@dataclass(slots=True)
class Round:
    """All that is due, to each webhook one after the other.

    A slow one holds up none but itself, and no second thread of the worker.
    """

    go_on: Callable[[], bool] = lambda: True
    clock: Callable[[], datetime] = timezone.now
    under_way: set[int] = field(default_factory=set)

    async def run(self) -> None:
        await in_rounds(self._due, self._tell, go_on=self.go_on)

    async def _due(self) -> list[int]:
        """None, while the database is away: those under way must still be closed."""
        try:
            due = await in_db(webhooks_to_tell)(now=self.clock())
        except (Error, DatabaseAway):
            return []
        found = [each for each in due if each not in self.under_way]
        self.under_way.update(found)
        return found

    async def _tell(self, webhook: int) -> None:
        try:
            while self.go_on() and (deliveries := await self._next(webhook)):
                await self._send(deliveries)
        finally:
            self.under_way.discard(webhook)

    async def _next(self, webhook: int) -> list[Delivery]:
        """What one message tells; nothing, when nothing is due."""
        return await in_db(_claim_together)(webhook, now=self.clock())

    async def _send(self, deliveries: list[Delivery]) -> None:
        first, alerts = deliveries[0], [each.alert for each in deliveries]
        body = message_of(*alerts, event=first.event, style=first.webhook.style)
        outcome = await post(first.webhook, body)
        for each in deliveries:
            close = partial(in_db(close_try), each, outcome, now=self.clock())
            await closed_at_last(close, f"Delivery {each.pk}")


def _claim_together(webhook: int, *, now: datetime) -> list[Delivery]:
    first = claim_next(webhook, now=now)
    return [first, *claim_alike(first, now=now)] if first else []


async def tell_webhooks(go_on: Callable[[], bool] = lambda: True) -> None:
    """Send all that is due, and what comes due meanwhile; what failed is tried again."""
    await Round(go_on).run()
