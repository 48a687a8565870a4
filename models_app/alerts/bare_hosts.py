"""When a host that had cards has none any more."""

from models_app.alerts.findings import NO_LOOK, Finding, HostReading, Subject, Verdict
from models_app.gpu.metrics import DriverState
from models_app.gpu.reading import AT_EACH_LOOK
from models_app.gpu.samples import Card
from models_app.models import AlertKind, Limits

MISSED = 2
"""Samples that must say after the first one that a card is lost."""
BEGINNING = 30.0
"""Seconds that a driver may take to begin; until then its host has no cards to tell of."""
SAID_AT_ONCE = NO_LOOK - {DriverState.STUCK}
"""States that a driver does not go through while it begins."""


def bare_finding(host: HostReading, limits: Limits) -> Finding | None:
    """One for the whole host, however many cards it had; none for one that has had none."""
    sample = host.fresh
    if sample is None or not (host.had or sample.cards):
        return None
    patience = 0 if sample.driver in SAID_AT_ONCE else BEGINNING
    return Finding(
        kind=AlertKind.CARD_LOST,
        subject=Subject(node=host.pk),
        verdict=Verdict.TROUBLE if is_bare(host) else Verdict.CALM,
        lasts=max(limits.seconds, MISSED * sample.interval, patience),
        facts={"host": host.name, "driver": sample.driver.value},
        affected=tuple(each.pk for each in host.servers),
    )


def is_bare(host: HostReading) -> bool:
    """Whether none of the cards that it had answers; where there was but one, and the
    driver is well, that card is what is wrong, and not the host."""
    sample = host.fresh
    if sample is None or any(answers(each, sample.driver) for each in sample.cards):
        return False
    count = max(host.had, len(sample.cards))
    alone = count == len(sample.cards) == 1 and sample.driver not in NO_LOOK
    return count > 0 and not alone


def answers(card: Card, driver: DriverState) -> bool:
    """Whether it says how it is now; a driver that is stuck has nothing to say of it."""
    stuck = driver is DriverState.STUCK and not AT_EACH_LOOK & card.values.keys()
    return not card.lost and not stuck
