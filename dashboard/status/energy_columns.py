"""What is said of the energy, the money and the tokens of a day or a month."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.bills import Bill
from dashboard.status.amounts import energy, money, number, percent
from dashboard.status.cells import MISSING


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with what stands small below it; `lack` is what lacks of it, and why."""

    text: str
    small: str = ""
    lack: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """What is said of each time; `about` tells what it means."""

    label: str
    about: str
    of: Callable[[Bill], Amount]


def columns_for(*, is_measured: bool, has_price: bool, has_cloud: bool) -> list[Column]:
    """Without a measurement only that there is none; without prices nothing of money."""
    return [
        *_of_energy(is_measured=is_measured, has_price=has_price),
        *_of_tokens(has_cost=is_measured and has_price, has_cloud=has_cloud),
    ]


def _of_energy(*, is_measured: bool, has_price: bool) -> Iterator[Column]:
    yield Column(_("Energy"), _("What the cards and their hosts took."), _energy)
    if is_measured:
        about = _(
            "How much of the cards’ energy their own counters told, exactly. The rest is "
            "reckoned from their power at each sample, where a card has no counter or its "
            "counter was away."
        )
        yield Column(_("Measured"), about, _measured)
        about = _(
            "How much the cards took while they were busy for less than 5 % of the time, "
            "of what is known."
        )
        yield Column(_("While idle"), about, _idle)
    if is_measured and has_price:
        yield Column(_("Cost"), _("What that energy cost."), _cost)


def _of_tokens(*, has_cost: bool, has_cloud: bool) -> Iterator[Column]:
    about = _(
        "Of all that was generated in that time, for chats, programs and background "
        "work, as far as the servers told."
    )
    yield Column(_("Tokens"), about, _tokens)
    if has_cost:
        about = _(
            "The cost of the energy for each million tokens, idle hours included."
        )
        yield Column(_("A million tokens"), about, _million)
    if has_cloud:
        about = _("What the same tokens would have cost by the table of cloud prices.")
        yield Column(_("The same in the cloud"), about, _cloud)


def _lack(sentence: str) -> Amount:
    return Amount(MISSING, lack=sentence)


def _energy(bill: Bill) -> Amount:
    if bill.joules is None:
        lack = _("No card has told how much it takes.")
        return Amount(_("not measured"), lack=lack)
    count = bill.energy.not_measured
    words = ngettext(
        "%(count)s card not measured", "%(count)s cards not measured", count
    )
    small = words % {"count": number(count)} if count else ""
    return Amount(energy(bill.joules), small)


def _measured(bill: Bill) -> Amount:
    if bill.measured_share is None:
        return _lack(_("No card has told how much it takes."))
    share = percent(bill.measured_share * 100)
    return Amount(share, _("rest from power") if share != "100 %" else "")


def _idle(bill: Bill) -> Amount:
    idle, active = bill.energy.idle_joules, bill.energy.active_joules
    if not idle + active:
        return _lack(_("No card has told how busy it was."))
    return Amount(percent(idle / (idle + active) * 100), energy(idle))


def _cost(bill: Bill) -> Amount:
    if bill.cost is None:
        return _lack(_("No card has told how much it takes."))
    return Amount(money(bill.cost, bill.currency))


def _tokens(bill: Bill) -> Amount:
    if not bill.cloud.tokens:
        return Amount(number(0))
    numbers = {
        "read": number(bill.prompt_tokens),
        "written": number(bill.completion_tokens),
    }
    small = _("%(read)s read, %(written)s written") % numbers
    return Amount(number(bill.cloud.tokens), small)


def _million(bill: Bill) -> Amount:
    if bill.cost_per_million is None:
        return _lack(_("Nothing was written, or nothing was measured."))
    return Amount(money(bill.cost_per_million, bill.currency))


def _cloud(bill: Bill) -> Amount:
    amounts = [money(each, name) for name, each in bill.cloud.amounts.items()]
    if not amounts:
        lack = _("There are no tokens of a model that has a cloud price.")
        return _lack(lack)
    if bill.cloud.priced == bill.cloud.tokens:
        return Amount(" + ".join(amounts))
    # Rounded down: all but a few are not all.
    share = percent(bill.cloud.priced * 100 // bill.cloud.tokens)
    small = _("for %(share)s of the tokens") % {"share": share}
    return Amount(" + ".join(amounts), small, bill.priced_words)
