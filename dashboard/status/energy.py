"""What today and this month took and cost, as the status page shows it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboard.bills import Bill, energy_today_and_month
from dashboard.status.amounts import number, watts
from dashboard.status.energy_cards import Share, shares
from dashboard.status.energy_columns import Amount, Column, columns_for
from models_app.energy.queries import energy_settings
from models_app.models import CloudPrice, EnergySettings
from models_app.templatetags.amounts import price


@dataclass(frozen=True, slots=True)
class Row:
    """One time; its amounts stand beside the columns that they are of."""

    label: str
    when: str
    amounts: list[tuple[Column, Amount]]


@dataclass(frozen=True, slots=True)
class EnergyPanel:
    """`is_empty`: nothing was taken and nothing was written this month."""

    rows: list[Row]
    columns: list[Column]
    shares: list[Share]
    notes: list[str]
    zone: str
    is_empty: bool
    has_price: bool
    has_cloud_prices: bool


def energy_panel(now: float | None = None) -> EnergyPanel:
    """Read once for whoever looks; the same for everybody."""
    today, month = energy_today_and_month(time.time() if now is None else now)
    settings, has_cloud_prices = energy_settings(), CloudPrice.objects.exists()
    is_measured, has_price = month.joules is not None, settings.price is not None
    columns = columns_for(
        is_measured=is_measured, has_price=has_price, has_cloud=has_cloud_prices
    )
    return EnergyPanel(
        rows=[
            _row(today, _("Today"), "MONTH_DAY_FORMAT", columns),
            _row(month, _("This month"), "YEAR_MONTH_FORMAT", columns),
        ],
        columns=columns,
        shares=shares(today, month),
        notes=list(_notes(month, settings)),
        zone=month.span.zone,
        is_empty=not is_measured and not month.cloud.tokens,
        has_price=has_price,
        has_cloud_prices=has_cloud_prices,
    )


def _row(bill: Bill, label: str, form: str, columns: list[Column]) -> Row:
    when = date_format(bill.span.since, form)
    return Row(label, when, [(each, each.of(bill)) for each in columns])


def _notes(month: Bill, settings: EnergySettings) -> Iterator[str]:
    """How it was reckoned."""
    if month.joules is not None and settings.price is not None:
        told = f"{price(settings.price)} {settings.currency}".strip()
        yield _("A kWh costs %(price)s.") % {"price": told}
    if month.joules is not None and settings.host_watts:
        power = " ".join(watts(settings.host_watts))
        yield _("Each host counts with %(power)s besides its cards.") % {"power": power}
    if month.joules is not None and settings.pue != 1:
        yield _("All of it times %(pue)s for the building.") % {
            "pue": number(settings.pue, 2)
        }
    if month.cost is not None:
        yield _("What the machines cost is not in it.")
    if month.cloud.as_of:
        day = date_format(month.cloud.as_of, "DATE_FORMAT")
        yield _("Cloud prices as of %(day)s.") % {"day": day}
