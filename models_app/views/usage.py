"""What somebody has used, and for administrators what the whole house has."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.errors import NotAllowed
from dashboard.people.models import User
from dashboard.requests import person_of
from models_app.ledger.limits import limits_of
from models_app.ledger.periods import Period, label_of, period_in, span_of
from models_app.ledger.queries import (
    FOR_ALL,
    By,
    by_in,
    by_label,
    price_now,
    together,
    use_by,
)
from models_app.ledger.sheets import sheet_of
from models_app.ledger.uses import Use
from models_app.rights import sees_all

OWN = (Period.TODAY, Period.MONTH)


@require_GET
@never_cache
def usage(request: HttpRequest) -> HttpResponse:
    """One's own, today and this month, by model; this month also by key, if one was used."""
    person = person_of(request)
    tables = [
        {"period": each, **_table(By.MODEL, each, person=person.pk)} for each in OWN
    ]
    context = {
        "tables": told_once(*tables),
        "keys": _keys_table(person),
        "limits": limits_of(person),
        "zone": timezone.get_default_timezone_name(),
        "sees_all": sees_all(person),
        **_always(),
    }
    return render(request, "models_app/usage.html", context)


@require_GET
@never_cache
def house(request: HttpRequest) -> HttpResponse:
    """Everybody's; `?by=` and `?period=` choose."""
    _administrator(request)
    by, period = by_in(request.GET.get("by", "")), _period(request)
    context = {
        "by": by,
        "bys": [(each, by_label(each)) for each in FOR_ALL],
        "period": period,
        "periods": [(each, label_of(each)) for each in Period],
        "table": _table(by, period),
        **_always(),
    }
    return render(request, "models_app/usage_house.html", context)


@require_GET
@never_cache
def usage_csv(request: HttpRequest) -> HttpResponse:
    person, period = person_of(request), _period(request)
    return _sheet(By.MODEL, period, person=person.pk)


@require_GET
@never_cache
def house_csv(request: HttpRequest) -> HttpResponse:
    _administrator(request)
    return _sheet(by_in(request.GET.get("by", "")), _period(request))


def _administrator(request: HttpRequest) -> User:
    person = person_of(request)
    if not sees_all(person):
        raise NotAllowed
    return person


def _period(request: HttpRequest) -> Period:
    return period_in(request.GET.get("period", ""))


def _always() -> dict[str, Any]:
    return {"part": "usage", "price": price_now()}


def _uses(by: By, period: Period, person: int | None) -> list[Use]:
    return use_by(by, span_of(period, timezone.now()), person=person)


def _table(by: By, period: Period, *, person: int | None = None) -> dict[str, Any]:
    uses = _uses(by, period, person)
    # Whoever is in two groups would count twice.
    whole = together(uses) if len(uses) > 1 and by != By.GROUP else None
    return {"label": label_of(period), "by": by_label(by), "uses": uses, "whole": whole}


def told_once(today: dict[str, Any], month: dict[str, Any]) -> list[dict[str, Any]]:
    """Both tables; where they say the same, one for both."""
    if today["uses"] and today["uses"] == month["uses"]:
        return [{**month, "label": _("Today and this month")}]
    return [today, month]


def _keys_table(person: User) -> dict[str, Any] | None:
    """None where no key was used: most people chat and do nothing else."""
    since = span_of(Period.MONTH, timezone.now()).since
    if not person.api_keys.filter(generations__ended_at__gte=since).exists():
        return None
    return _table(By.KEY, Period.MONTH, person=person.pk)


def _sheet(by: By, period: Period, *, person: int | None = None) -> HttpResponse:
    response = HttpResponse(
        sheet_of(_uses(by, period, person), price_now()),
        content_type="text/csv; charset=utf-8",
    )
    name = f"usage-{by}-{period}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
