"""The pages of what was used: right before any script runs, and for those who may see them."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dashboard.people.models import User
from models_app.ledger.uses import Use
from models_app.models import EnergySettings, Generation, Quota, Revision
from models_app.services.api_keys import make_key
from models_app.views.usage import told_once
from tests.make import make_generation, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(admin: User) -> Client:
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, name: str, **query: str) -> str:
    response = client.get(reverse(name), query)
    assert response.status_code == 200
    return " ".join(response.content.decode("utf-8").split())


def test_everybody_sees_what_they_used_themselves(
    signed_in: Client, person: User, admin: User
) -> None:
    make_generation(
        person=person, model="tiny", prompt_tokens=1234, queue_ms=250, joules=7200.0
    )
    make_generation(person=admin, model="others", prompt_tokens=9)

    shown = page(signed_in, "usage")

    assert '<th scope="row">tiny</th>' in shown
    assert "1,234" in shown
    assert "250 ms" in shown
    assert "2.00 Wh" in shown
    assert "others" not in shown
    assert "Whole house" not in shown


def test_where_today_is_all_of_the_month_one_table_says_both(
    signed_in: Client, person: User
) -> None:
    make_generation(person=person)

    shown = page(signed_in, "usage")

    assert shown.count('<th scope="row">tiny</th>') == 1
    assert "Today and this month" in shown
    assert "?period=month" in shown


def test_what_came_earlier_this_month_has_a_table_of_its_own() -> None:
    today = {"label": "Today", "uses": [Use("tiny", replies=1)]}
    month = {"label": "This month", "uses": [Use("tiny", replies=2)]}

    assert told_once(today, month) == [today, month]


def test_everybody_sees_what_each_of_their_keys_used(
    signed_in: Client, person: User, admin: User
) -> None:
    laptop, others = make_key(person, "laptop").key, make_key(admin, "others").key
    make_generation(person=person, prompt_tokens=1)
    make_generation(person=admin, key=others)
    assert "By key" not in page(signed_in, "usage")
    make_generation(person=person, key=laptop, prompt_tokens=4321)

    shown = page(signed_in, "usage")

    by_key = shown.partition("By key, this month")[2]
    named = re.findall('<th scope="row">(.*?)</th>', by_key)
    assert named == [f"laptop ({laptop.prefix}…)", "without a key", "Together"]
    assert by_key.count("4,322") == 1
    assert "others" not in shown


def test_costs_are_shown_once_there_is_a_price(signed_in: Client, person: User) -> None:
    make_generation(person=person, joules=3.6e6)
    assert "Cost" not in page(signed_in, "usage")

    wanted = {"price": "0.30", "currency": "EUR"}
    EnergySettings.objects.update_or_create(pk=1, defaults=wanted)

    assert "0.3000 EUR" in page(signed_in, "usage")


def test_who_has_used_nothing_is_shown_where_to_begin(signed_in: Client) -> None:
    shown = page(signed_in, "usage")

    assert 'href="/">start a chat</a>' in shown
    assert "Nothing yet this month." in shown
    assert "<table" not in shown


@pytest.mark.parametrize(
    ("by", "name"),
    [("model", "tiny"), ("server", "gpu"), ("person", "olive"), ("group", "lab")],
)
def test_administrators_see_the_house_by_each(
    ada: Client, person: User, by: str, name: str
) -> None:
    person.groups.add(Group.objects.create(name="lab"))
    make_generation(person=person, model="tiny", server="gpu", prompt_tokens=77)

    shown = page(ada, "usage-house", by=by, period="today")

    assert f'<th scope="row">{name}</th>' in shown
    assert "77" in shown


def test_the_house_of_last_month_is_not_that_of_today(ada: Client) -> None:
    make_generation()

    assert "tiny" in page(ada, "usage-house", by="model")
    last = page(ada, "usage-house", by="model", period="last-month")
    assert "Nothing was generated in this time." in last


def test_what_no_page_of_ours_asks_for_is_the_usual(ada: Client) -> None:
    make_generation()

    shown = page(ada, "usage-house", by="x", period="<script>")

    assert "<script>" not in shown
    assert "people who are gone" in shown


def test_a_sheet_is_no_danger_to_a_spreadsheet(ada: Client) -> None:
    make_generation(person=make_person("@SUM(1)"), prompt_tokens=1234)

    response = ada.get(reverse("usage-house-csv"), {"by": "person"})

    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("'@SUM(1),1,0,1234,")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "usage-person-week.csv" in response["Content-Disposition"]


def test_ones_own_sheet_has_nothing_of_others(
    signed_in: Client, person: User, admin: User
) -> None:
    make_generation(person=person, model="tiny")
    make_generation(person=admin, model="others")

    shown = page(signed_in, "usage-csv", period="today")

    assert "tiny" in shown
    assert "others" not in shown


def test_a_page_asks_little_however_many_rows(
    ada: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(30):
        make_generation(person=make_person())

    with django_assert_max_num_queries(8):
        page(ada, "usage-house", by="person")


def test_the_ledger_in_the_admin_is_there_to_look_at(ada: Client, person: User) -> None:
    row = make_generation(person=person, model="tiny")
    make_generation(model="other", ended_at=timezone.now() - timedelta(days=9))
    listed = reverse("admin:models_app_generation_changelist")

    found = ada.get(listed, {"q": "olive", "status__exact": "done"})

    assert [each.pk for each in found.context["cl"].queryset] == [row.pk]
    change = reverse("admin:models_app_generation_change", args=[row.pk])
    assert ada.get(change).status_code == 200
    assert ada.post(change, {"model": "x"}).status_code == 403
    assert ada.get(reverse("admin:models_app_generation_add")).status_code == 403
    delete = reverse("admin:models_app_generation_delete", args=[row.pk])
    assert ada.post(delete, {"post": "yes"}).status_code == 403
    assert Generation.objects.count() == 2


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("backend_silent", "gpu-01: hung"),
        ("ended_by_admin", "An administrator ended this on gpu-01."),
        ("tokens_spent", "a quota was used up"),
        ("", "–"),
    ],
)
def test_a_row_of_the_ledger_says_in_words_what_went_wrong(
    code: str, said: str, ada: Client
) -> None:
    row = make_generation(server="gpu-01", error_code=code)

    page = ada.get(reverse("admin:models_app_generation_change", args=[row.pk]))

    assert said in page.content.decode()
    assert not code or code not in page.content.decode()


def test_the_list_of_the_ledger_has_what_fits_on_a_screen(ada: Client) -> None:
    make_generation(prompt_tokens=1200, completion_tokens=34, total_ms=2360)

    page = ada.get(reverse("admin:models_app_generation_changelist"))
    row = page.content.decode()

    assert 'class="field-tokens">1,234<' in row
    assert 'class="field-seconds">2.4<' in row
    assert len(re.findall(r'class="[^"]*column-', row)) <= 7


ADD = "admin:models_app_quota_add"


def test_a_quota_that_is_saved_or_deleted_is_read_by_every_process(
    ada: Client, person: User
) -> None:
    before = Revision.objects.first()

    added = ada.post(reverse(ADD), {"person": person.pk, "tokens_a_day": 5})

    quota = Quota.objects.get()
    saved = Revision.objects.get().number
    delete = reverse("admin:models_app_quota_delete", args=[quota.pk])
    ada.post(delete, {"post": "yes"})
    assert added.status_code == 302
    assert saved > (before.number if before else 0)
    assert Revision.objects.get().number > saved
    assert not Quota.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "There is a quota for everybody already."),
        ({"person": "P", "group": "G"}, "Choose a person or a group, not both."),
        ({"group": "G"}, "Quota with this Group already exists."),
        ({"person": "P", "at_once": "-1"}, "greater than or equal to 0"),
    ],
)
def test_a_quota_that_cannot_be_says_why(
    ada: Client, person: User, given: dict[str, str], sentence: str
) -> None:
    group = Group.objects.create(name="lab")
    Quota.objects.create(at_once=1)
    Quota.objects.create(group=group)
    numbers = {"P": str(person.pk), "G": str(group.pk)}

    response = ada.post(
        reverse(ADD), {name: numbers.get(each, each) for name, each in given.items()}
    )

    assert sentence in response.content.decode()
    assert Quota.objects.count() == 2


def test_the_list_of_quotas_says_for_whom_they_are(ada: Client, person: User) -> None:
    Quota.objects.create(at_once=1)
    Quota.objects.create(group=Group.objects.create(name="lab"), tokens_a_day=12)
    Quota.objects.create(person=person)

    shown = page(ada, "admin:models_app_quota_changelist")

    assert all(f">{name}</a>" in shown for name in ("everybody", "lab", "olive"))
