import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.people.models import User
from models_app.alerts.queries import open_alerts
from models_app.alerts.webhooks import save_webhook
from models_app.models import (
    DEFAULTS,
    Alert,
    AlertKind,
    AlertRule,
    Delivery,
    Limits,
    Webhook,
)
from models_app.sealing import unseal
from tests.fakes.hooks import receiver
from tests.make import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("written_rows")]
WEBHOOK_ADD = "admin:models_app_webhook_add"


@pytest.fixture
def office(client: Client, admin: User) -> Client:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def webhook_form(url: str, **fields: Any) -> dict[str, Any]:
    return {"name": "room", "style": "json", "url": url, **fields}


def said_in(office: Client, url: str, form: dict[str, Any]) -> str:
    page = office.post(url, form, follow=True).content.decode()
    return " ".join(re.findall(r'<li class="(?:success|error)">(.*?)</li>', page))


def make_alert(**fields: Any) -> Alert:
    now = timezone.now()
    wanted = {"kind": "host-silent", "subject": "node:1", "facts": {"host": "gpu-01"}}
    times = {"began": now, "troubled_at": now, "opened_at": now}
    return Alert.objects.create(**{**wanted, **times, **fields})


def test_a_new_house_has_a_rule_of_each_kind_with_the_limits_that_are_said() -> None:
    rows = {
        AlertKind(each.kind): Limits(
            each.threshold, each.second_threshold, seconds=each.seconds
        )
        for each in AlertRule.objects.all()
    }

    assert rows == DEFAULTS


@pytest.mark.parametrize("kind", AlertKind)
def test_each_rule_explains_the_numbers_that_it_uses(
    kind: AlertKind, office: Client
) -> None:
    rule = AlertRule.objects.get(kind=kind)
    url = reverse("admin:models_app_alertrule_change", args=[rule.pk])

    page = office.get(url).content.decode()

    limits = DEFAULTS[kind]
    assert ('name="threshold"' in page) is (limits.threshold is not None)
    assert ('name="second_threshold"' in page) is (limits.second_threshold is not None)
    assert 'name="seconds"' in page


def test_the_list_of_rules_says_each_number_with_its_unit(office: Client) -> None:
    AlertRule.objects.filter(kind="disk-full").update(second_threshold=None)

    page = office.get(reverse("admin:models_app_alertrule_changelist"))

    cells = re.findall(r'field-(?:limit|time)">(.*?)</td>', page.content.decode())
    assert cells[:2] == [
        "from 5 °C below its own limit on, without one from 85 °C on",
        "after 10 s",
    ]
    assert {"less than 10 % free", "for 3600 s afterwards", "–"} <= set(cells)


def test_a_rule_is_changed_and_neither_added_nor_deleted(office: Client) -> None:
    rule = AlertRule.objects.get(kind="hot")
    form = {"enabled": "on", "threshold": "7", "second_threshold": "", "seconds": "5"}

    office.post(reverse("admin:models_app_alertrule_change", args=[rule.pk]), form)

    rule.refresh_from_db()
    assert (rule.threshold, rule.second_threshold, rule.seconds) == (7, None, 5)
    assert office.get(reverse("admin:models_app_alertrule_add")).status_code == 403
    delete = reverse("admin:models_app_alertrule_delete", args=[rule.pk])
    assert office.post(delete, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("kind", "fields", "wrong"),
    [
        ("memory-full", {"threshold": "1e300"}, "Write a number from 0.1 to 100."),
        ("memory-full", {"threshold": "0"}, "Write a number from 0.1 to 100."),
        ("memory-full", {"threshold": ""}, "this rule never says anything"),
        ("disk-full", {"threshold": ""}, "or switch the rule off."),
        ("disk-full", {"second_threshold": "0"}, "Write a number from 1 to 1,000,000."),
        ("hot", {"threshold": "101"}, "Write a number from 0 to 100."),
        ("ecc", {"threshold": "0.5"}, "Write a number from 1 to 1,000,000."),
        ("host-silent", {"seconds": ""}, "This field is required."),
    ],
)
def test_a_rule_with_numbers_that_make_no_sense_is_not_kept(
    kind: str, fields: dict[str, str], wrong: str, office: Client
) -> None:
    rule = AlertRule.objects.get(kind=kind)
    url = reverse("admin:models_app_alertrule_change", args=[rule.pk])
    form = {"threshold": "5", "second_threshold": "20", "seconds": "9", **fields}

    page = office.post(url, form).content.decode()

    assert wrong in page
    assert all(not typed or f'value="{typed}"' in page for typed in fields.values())
    rule.refresh_from_db()
    assert rule.seconds == DEFAULTS[AlertKind(kind)].seconds


def test_a_rule_is_switched_off_in_the_list_whatever_its_numbers(
    office: Client,
) -> None:
    AlertRule.objects.update(threshold=None)
    rules = AlertRule.objects.order_by("pk")
    form = {"form-TOTAL_FORMS": str(len(rules)), "form-INITIAL_FORMS": str(len(rules))}
    form |= {f"form-{place}-id": str(each.pk) for place, each in enumerate(rules)}

    office.post(
        reverse("admin:models_app_alertrule_changelist"), {**form, "_save": "1"}
    )

    assert not AlertRule.objects.filter(enabled=True).exists()


def test_the_url_of_a_webhook_is_sealed_and_never_shown_again(office: Client) -> None:
    office.post(reverse(WEBHOOK_ADD), webhook_form("https://chat.lan/hooks/s3cret"))

    webhook = Webhook.objects.get()
    pages = [
        office.get(reverse("admin:models_app_webhook_change", args=[webhook.pk])),
        office.get(reverse("admin:models_app_webhook_changelist")),
    ]
    assert not webhook.enabled
    assert "s3cret" not in webhook.sealed_url
    assert unseal(webhook.sealed_url, server="") == "https://chat.lan/hooks/s3cret"
    for page in pages:
        assert "https://chat.lan/…" in page.content.decode()
        assert "s3cret" not in page.content.decode()


def test_an_empty_url_keeps_the_one_that_is_stored(office: Client) -> None:
    office.post(reverse(WEBHOOK_ADD), webhook_form("https://chat.lan/hooks/s3cret"))
    webhook = Webhook.objects.get()

    url = reverse("admin:models_app_webhook_change", args=[webhook.pk])
    office.post(url, webhook_form("", name="other", kinds=["hot", "xid"]))

    webhook.refresh_from_db()
    assert (webhook.name, webhook.kinds) == ("other", ["hot", "xid"])
    assert unseal(webhook.sealed_url, server="").endswith("s3cret")


@pytest.mark.parametrize("url", ["", "chat.lan/hooks", "ftp://chat.lan/"])
def test_a_webhook_without_a_good_url_is_not_saved(url: str, office: Client) -> None:
    page = office.post(reverse(WEBHOOK_ADD), webhook_form(url)).content.decode()

    assert "That is no address." in page
    assert not Webhook.objects.exists()


def test_a_webhook_is_tested_with_what_says_that_it_is_a_test(office: Client) -> None:
    with receiver(204) as room:
        form = webhook_form(room.url, _test="1")
        said = said_in(office, reverse(WEBHOOK_ADD), form)

    assert said == "A test was sent to room. It took the message (status 204)."
    assert [(each["event"], each["test"]) for each in room.sent] == [("test", True)]
    assert not Delivery.objects.exists()


def test_a_test_that_fails_says_what_to_do(office: Client) -> None:
    with receiver(403) as room:
        form = webhook_form(room.url, _test="1", style="slack")
        said = said_in(office, reverse(WEBHOOK_ADD), form)

    assert "It answered with status 403" in said
    assert "Check the URL" in said
    assert room.sent[0]["text"].startswith("🧪 This is a test")


@pytest.mark.parametrize(
    ("rights", "status", "sent"),
    [((), 403, 0), (("view_webhook",), 200, 0), (("change_webhook",), 302, 1)],
)
def test_only_whoever_may_change_webhooks_sends_a_test(
    rights: tuple[str, ...], status: int, sent: int, client: Client
) -> None:
    staff = make_person("staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    with receiver() as room:
        webhook = Webhook(name="room")
        save_webhook(webhook, url=room.url)
        form = {"action": "send_test", "_selected_action": webhook.pk}
        url = reverse("admin:models_app_webhook_changelist")
        answer = client.post(url, form)

    assert (answer.status_code, len(room.sent)) == (status, sent)


def test_a_test_wants_the_token_of_the_page(admin: User) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    with receiver() as room:
        webhook = Webhook(name="room")
        save_webhook(webhook, url=room.url)
        url = reverse("admin:models_app_webhook_change", args=[webhook.pk])
        answer = careful.post(url, webhook_form("", _test="1"))

    assert (answer.status_code, room.sent) == (403, [])


def test_a_member_finds_no_webhooks(signed_in: Client) -> None:
    assert signed_in.get(reverse(WEBHOOK_ADD)).status_code == 302


def test_alerts_are_listed_and_taken_off_the_pages(office: Client) -> None:
    alert, url = make_alert(), reverse("admin:models_app_alert_changelist")
    page = office.get(url).content.decode()
    whole = office.get(reverse("admin:models_app_alert_change", args=[alert.pk]))
    assert [each.pk for each in open_alerts()] == [alert.pk]

    office.post(url, {"action": "dismiss", "_selected_action": alert.pk})

    assert "off the pages" in office.get(url).content.decode()
    assert "host silent: gpu-01" in page
    assert "Nothing has been heard of gpu-01." in whole.content.decode()
    assert open_alerts() == []


def test_deliveries_are_listed_with_what_became_of_them(office: Client) -> None:
    facts = {"status": 404}
    Delivery.objects.create(
        webhook=Webhook.objects.create(name="room"),
        alert=make_alert(),
        event="fired",
        outcome="refused",
        outcome_facts=facts,
    )

    page = office.get(reverse("admin:models_app_delivery_changelist"))

    assert "It answered with status 404" in page.content.decode()
