"""A preset from its first line to a chat: mended, in step with its form, taken back."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLOW_SERVER
from tests.fakes.paced import MODEL

SOON = 20_000
TEXT = f"""\
# Ours.
FROM {MODEL}
PARAMETER temperature hot
PARAMETER num_ctx 4096
SYSTEM Be brief.
"""


def begun(page: Page, text: str = TEXT, *, name: str = "Owl") -> None:
    """A new preset in the editor, checked."""
    page.goto("/presets/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Icon").fill("🦉")
    page.get_by_label("Modelfile").fill(text)
    expect(page.locator(".code-line")).to_have_count(text.count("\n") + 1)


def mended(page: Page) -> None:
    area = page.get_by_label("Modelfile")
    area.fill(area.input_value().replace("hot", "0.5"))
    expect(page.get_by_label("Temperature")).to_have_value("0.5", timeout=SOON)
    expect(page.locator(".is-bad")).to_have_count(0)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="On each server")).to_be_visible()
    page.wait_for_url(re.compile(r"/presets/\d+/$"))


def test_an_error_stands_beside_its_line_and_the_form_keeps_in_step(ada: Page) -> None:
    begun(ada)
    area, bad = ada.get_by_label("Modelfile"), ada.locator(".code-line.is-bad")
    expect(bad).to_contain_text("temperature wants one number", timeout=SOON)
    ada.get_by_role("button", name="Line 3").click()
    expect(area).to_be_focused()

    mended(ada)
    ada.get_by_label("Top p").fill("0.9")

    wanted = TEXT.replace("hot", "0.5").replace("4096\n", "4096\nPARAMETER top_p 0.9\n")
    expect(area).to_have_value(wanted, timeout=SOON)


def test_what_is_taken_back_in_the_form_is_taken_back_in_the_text(ada: Page) -> None:
    text = f"FROM {MODEL}\nPARAMETER temperature 0.7\n"
    begun(ada, text)
    area = ada.get_by_label("Modelfile")
    model, heat = ada.get_by_label("Model", exact=True), ada.get_by_label("Temperature")
    expect(heat).to_have_value("0.7", timeout=SOON)

    heat.fill("0.2")
    expect(area).to_have_value(text.replace("0.7", "0.2"), timeout=SOON)
    heat.fill("0.7")
    expect(area).to_have_value(text, timeout=SOON)
    model.fill("")
    expect(area).to_have_value("PARAMETER temperature 0.7\n", timeout=SOON)
    model.fill(MODEL)
    expect(area).to_have_value(text, timeout=SOON)


def typed(page: Page, system: str) -> None:
    page.get_by_label("Modelfile").fill(f"FROM {MODEL}\nSYSTEM {system}\n")
    expect(page.locator("[data-kept]")).to_be_visible()


def test_what_is_not_saved_is_back_until_it_is_saved_or_left(ada: Page) -> None:
    ada.goto("/presets/new/")
    typed(ada, "Mine.")

    ada.goto("/models/")
    ada.goto("/presets/new/")

    area = ada.get_by_label("Modelfile")
    expect(area).to_have_value(re.compile("Mine"))
    expect(ada.locator("[data-back]")).to_contain_text("is back")
    ada.get_by_role("link", name="Leave without saving").click()
    ada.goto("/presets/new/")
    expect(area).to_have_value("FROM \n")


def test_what_was_kept_overwrites_no_newer_revision(
    person: Callable[..., Page],
) -> None:
    mine, theirs = person("ada"), person("ada")
    begun(mine, f"FROM {MODEL}\n", name="Heron")
    save(mine)
    here = f"{mine.url}edit/"
    for page in (mine, theirs):
        page.goto(here)
        typed(page, "Mine." if page is mine else "Theirs.")
    save(theirs)

    mine.reload()

    expect(mine.locator("[data-newer]")).to_be_visible()
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_text("compare both below")).to_be_visible()
    expect(mine.get_by_label("Modelfile")).to_have_value(re.compile("Mine"))


def test_an_unsaved_preset_is_tried_and_stopped(ada: Page) -> None:
    begun(ada, TEXT.replace("hot", "1"))
    expect(ada.get_by_label("Server", exact=True)).to_contain_text(
        SLOW_SERVER, timeout=SOON
    )

    ada.get_by_role("button", name="Try it").click()

    expect(ada.locator("[data-try-answer]")).to_contain_text("word3 ", timeout=SOON)
    ada.get_by_role("button", name="Stop").click()
    expect(ada.locator("[data-try-state]")).to_have_text("stopped")
    expect(ada.get_by_role("button", name="Try it")).to_be_enabled()


def test_a_preset_is_saved_changed_taken_back_and_talked_to(ada: Page) -> None:
    begun(ada)
    mended(ada)
    save(ada)
    ada.get_by_role("link", name="Edit").click()
    ada.get_by_label("System prompt").fill("Be slow.")
    expect(ada.get_by_label("Modelfile")).to_have_value(re.compile("Be slow"))
    save(ada)
    ada.get_by_role("link", name="Revisions").click()
    expect(ada.locator(".is-added")).to_contain_text("Be slow.")
    ada.get_by_role("link", name=re.compile("^1 ")).click()
    ada.get_by_role("button", name="Restore revision 1").click()
    expect(ada.locator(".preset-text")).to_contain_text("SYSTEM Be brief.")

    ada.get_by_role("link", name="Chat", exact=True).last.click()
    talk(ada)


def talk(page: Page) -> None:
    """What its server does not heed is told once the reply is closed."""
    page.get_by_label("Your message").fill("Who are you?")
    page.get_by_role("button", name="Send").click()
    reply = page.locator("article").last
    expect(reply).to_contain_text("word3 ", timeout=SOON)
    page.get_by_role("button", name="Stop").click()
    told = reply.get_by_text(f"Owl: 1 line not heeded by {SLOW_SERVER}")
    told.click(timeout=SOON)
    expect(reply).to_contain_text("PARAMETER num_ctx")


def test_an_editor_without_javascript_checks_and_applies(
    person: Callable[..., Page],
) -> None:
    page = person("ada", java_script_enabled=False)
    page.goto("/presets/new/")
    page.get_by_label("Name").fill("Stork")
    page.get_by_label("Modelfile").fill(TEXT)
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".code-line.is-bad")).to_contain_text("wants one number")

    page.get_by_label("Temperature").fill("0.5")
    page.get_by_role("button", name="Put the form into the text").click()

    expect(page.get_by_label("Modelfile")).to_have_value(TEXT.replace("hot", "0.5"))
    save(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_presets_are_clean_for_axe(
    person: Callable[..., Page], scheme: str
) -> None:
    look = {"color_scheme": scheme, "bypass_csp": True}
    page = person("ada", viewport={"width": 390, "height": 800}, **look)
    begun(page, name=f"Axe {scheme}")
    expect(page.locator(".is-bad").first).to_be_visible(timeout=SOON)
    found = [Axe().run(page, options={"preload": False})]
    mended(page)
    save(page)
    here = page.url
    for path in (here, f"{here}revisions/", "/presets/", "/presets/import/"):
        page.goto(path)
        found.append(Axe().run(page, options={"preload": False}))
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390

    assert [each.generate_report() for each in found if each.violations_count] == []
