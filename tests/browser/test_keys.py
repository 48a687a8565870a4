"""A key as somebody makes it, copies it, calls with it and revokes it."""

from collections.abc import Callable

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.fakes.paced import MODEL
from tests.house import House
from tests.processes import until

COPIED = "() => navigator.clipboard.readText()"


def status_for(house: House, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx.get(
        f"{house.url}/v1/models", headers=headers, trust_env=False
    ).status_code


def test_a_key_is_made_seen_once_used_and_revoked(olive: Page, house: House) -> None:
    olive.context.grant_permissions(["clipboard-read", "clipboard-write"])
    olive.get_by_role("link", name="API").click()
    olive.get_by_label("Name", exact=True).fill("laptop")
    expect(olive.get_by_label("Last day")).to_be_hidden()
    olive.get_by_label("Expires").select_option("in 30 days")
    olive.get_by_label(MODEL, exact=True).check()
    olive.get_by_role("button", name="Make the key").click()

    made = olive.locator(".key-made")
    made.get_by_role("button", name="Copy").click()
    expect(made.get_by_role("button", name="Copied")).to_be_visible()
    secret = olive.evaluate(COPIED)
    assert secret == made.locator("code").inner_text()
    expect(olive.locator("#how-curl code")).to_contain_text(f"Bearer {secret}")
    expect(olive.locator("#how-curl code")).to_contain_text(f'"model": "{MODEL}"')
    assert status_for(house, secret) == 200

    olive.goto("/keys/")
    expect(olive.get_by_role("row", name="laptop")).to_contain_text(secret[:12])
    assert secret not in olive.content()

    olive.locator("summary", has_text="Revoke").click()
    olive.get_by_role("button", name="Revoke “laptop”").click()

    expect(olive.get_by_text("“laptop” is revoked.")).to_be_visible()
    until(lambda: status_for(house, secret) == 401, seconds=2)
    expect(olive.get_by_text("You have no key yet.")).to_be_visible()


def test_a_key_is_made_without_javascript(
    person: Callable[..., Page], house: House
) -> None:
    page = person("olive", java_script_enabled=False)
    page.goto("/keys/")
    page.get_by_label("Name", exact=True).fill("script")
    page.get_by_role("button", name="Make the key").click()

    secret = page.locator(".key-made code").inner_text()
    assert status_for(house, secret) == 200
    page.locator("summary", has_text="Revoke").click()
    page.get_by_role("button", name="Revoke “script”").click()
    expect(page.get_by_text("“script” is revoked.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_keys_is_clean_for_axe(
    person: Callable[..., Page], scheme: str
) -> None:
    page = person(
        "olive",
        viewport={"width": 390, "height": 800},
        color_scheme=scheme,
        bypass_csp=True,
    )
    page.goto("/keys/")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_text("Write a name, such as")).to_be_visible()
    found = [Axe().run(page, options={"preload": False})]
    page.get_by_label("Name", exact=True).fill(scheme)
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator(".key-made")).to_be_visible()
    found.append(Axe().run(page, options={"preload": False}))

    assert [each.generate_report() for each in found if each.violations_count] == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.locator("summary", has_text="Revoke").click()
    page.get_by_role("button", name=f"Revoke “{scheme}”").click()
    expect(page.locator(".key-revoke")).to_have_count(0)
