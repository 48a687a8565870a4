"""Somebody plans for a model: a card that is too small, what helps, and what to type."""

from playwright.sync_api import Page, expect


def reckon(page: Page, card: str, cards: int) -> None:
    page.get_by_label("Card", exact=True).select_option(label=card)
    page.get_by_label("Cards").fill(str(cards))
    page.get_by_role("button", name="Reckon").click()


def test_a_card_too_small_comes_with_advice_and_two_with_a_command_to_copy(
    olive: Page,
) -> None:
    olive.context.grant_permissions(["clipboard-read", "clipboard-write"])
    olive.goto("/models/catalogue/")
    olive.get_by_role("link", name="Llama 3.1 70B Instruct").click()

    reckon(olive, "RTX A6000, 48 GB", 1)
    olive.get_by_label("Window, tokens").fill("32768")
    olive.get_by_role("button", name="Reckon").click()
    expect(olive.get_by_text("What helps, the cheapest first")).to_be_visible()

    reckon(olive, "RTX A6000, 48 GB", 2)
    expect(olive.get_by_role("heading", name="fits", exact=False).first).to_be_visible()
    vllm = olive.locator(".fit-command", has_text="vLLM")
    vllm.get_by_role("button", name="Copy").click()
    expect(vllm.get_by_role("button", name="Copied")).to_be_visible()
    copied = olive.evaluate("navigator.clipboard.readText()")
    assert copied == vllm.locator("code").inner_text()
    assert "--tensor-parallel-size 2" in copied
    assert "--max-model-len 32768" in copied
