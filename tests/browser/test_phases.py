"""The time before the first word, told live, after a reload, and without JavaScript."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from chat.phase_words import PhaseWords, patterns
from chat.phases import Told
from models_app.gpu.samples import Card, Process
from tests.browser.conftest import connect
from tests.chat.test_phase_words import CASES
from tests.fakes.explaining import LARGE, NATIVE, READER, Loader, Reader, Silent
from tests.fakes.host import hosted
from tests.fakes.paced import speaking
from tests.house import House
from tests.make import make_card

People = Callable[..., Page]
SOON = 20_000
NODE = "loading-01"


@pytest.fixture(scope="module", autouse=True)
def explaining(
    chromium: Browser, house: House, states: dict[str, StorageState]
) -> Iterator[None]:
    """Two servers that say what they do, connected."""
    with speaking(Loader) as loader, speaking(Reader) as reader:
        ada = chromium.new_context(base_url=house.url, storage_state=states["ada"])
        page = ada.new_page()
        connect(page, loader, name="gpu-07", model=NATIVE, kind="lmstudio")
        connect(page, reader, name="gpu-08", model=READER)
        ada.close()
        yield


def ask(page: Page, model: str) -> Locator:
    """The reply that waits; whatever it does next waits for the test."""
    Loader.begin()
    Reader.begin()
    Silent.begin()
    page.goto("/")
    page.get_by_label("Who answers").select_option(f"model:{model}")
    page.get_by_label("Your message").fill("Explain yourself.")
    page.get_by_role("button", name="Send").click()
    return page.locator("article").last


def phase_of(reply: Locator) -> Locator:
    return reply.locator("[data-phase]")


def test_each_phase_is_told_while_it_lasts(olive: Page) -> None:
    reply = ask(olive, NATIVE)
    phase = phase_of(reply)
    expect(phase).to_contain_text("Loading explained on gpu-07", timeout=SOON)
    expect(phase).to_contain_text("42 %")

    Loader.go_on()
    expect(phase).to_contain_text("Reading the messages")
    expect(phase).to_contain_text("50 %")

    Loader.go_on()
    expect(phase).to_contain_text(re.compile(r"Thinking\s*1 s"))

    Loader.go_on()
    writing = reply.locator("[data-phase-writing]")
    expect(writing).to_have_text(re.compile(r"^Writing · \d+ tok/s$"), timeout=SOON)
    expect(phase).to_be_hidden()
    Loader.go_on()
    expect(reply.get_by_role("button", name="Stop")).to_be_hidden()


@pytest.fixture
def silent(
    chromium: Browser, house: House, states: dict[str, StorageState]
) -> Iterator[Callable[[int], None]]:
    """A server that says nothing while it loads; has its host say how many bytes of the
    card it has."""
    with hosted(house, NODE) as say, speaking(Silent) as url:
        ada = chromium.new_context(base_url=house.url, storage_state=states["ada"])
        connect(
            ada.new_page(), url, name="gpu-09", model=LARGE, kind="lmstudio", node=NODE
        )
        ada.close()
        yield lambda memory: say(held(memory, port=int(url.rpartition(":")[2])))


def held(memory: int, *, port: int) -> Card:
    process = Process(9, memory, "lmstudio", "lmstudio", ports=(port,))
    return make_card("GPU-loading", processes=(process,))


def test_a_load_is_told_by_the_memory_that_its_host_sees(
    olive: Page, silent: Callable[[int], None]
) -> None:
    phase = phase_of(ask(olive, LARGE))
    expect(phase).to_contain_text("Loading large on gpu-09", timeout=SOON)
    silent(1_000_000_000)
    # By then it has looked at least once.
    expect(phase).to_contain_text(re.compile(r"([4-9]|\d\d) s so far"), timeout=SOON)

    silent(6_100_000_000)

    expect(phase).to_contain_text("5.1 of 9.0 GB", timeout=SOON)
    Silent.go_on()
    expect(olive.locator("article").last).to_contain_text("Loaded.")


def test_a_reload_says_what_the_page_said_and_counts_on(olive: Page) -> None:
    ask(olive, NATIVE)
    reply = olive.locator("article").last
    expect(phase_of(reply)).to_contain_text("Loading", timeout=SOON)
    Loader.go_on()
    Loader.go_on()
    expect(phase_of(reply)).to_contain_text(re.compile(r"Thinking\s*2 s"))

    olive.reload()

    expect(phase_of(reply)).to_contain_text(re.compile(r"Thinking\s*[3-9] s"))
    olive.get_by_role("button", name="Stop").click()
    expect(reply).to_contain_text("stopped")
    Loader.go_on()


def test_without_javascript_the_server_says_it(olive: Page, person: People) -> None:
    phase = phase_of(ask(olive, READER))
    words = re.compile(r"Reading 8,400 tokens\s*62 %")
    expect(phase).to_contain_text(words, timeout=SOON)

    plain = person("olive", java_script_enabled=False)
    plain.goto(olive.url)
    plain_phase = phase_of(plain.locator("article").last)

    # The next checkpoint is at most a second away.
    for _ in range(100):
        if words.search(plain_phase.inner_text()):
            break
        plain.reload()
    expect(plain_phase).to_contain_text(words)
    Reader.go_on()


def test_numbers_are_not_read_out_and_what_it_does_is(olive: Page) -> None:
    phase = phase_of(ask(olive, READER))
    expect(phase).to_contain_text("62 %", timeout=SOON)

    expect(phase.locator("[aria-live=polite]")).to_have_text("Reading 8,400 tokens")
    expect(phase.locator("[aria-live=off]")).to_contain_text("62 %")
    assert Axe().run(olive).violations_count == 0
    Reader.go_on()


@pytest.mark.parametrize(("told", "words"), CASES, ids=[each for _, each in CASES])
def test_the_page_fills_the_words_as_the_server_does(
    ada: Page, told: Told, words: str
) -> None:
    said = ada.evaluate(
        """async ([told, words]) => {
          const { headOf, numbersOf } = await import("/static/js/phase.js");
          return [headOf(told, words, "en"), numbersOf(told, words, "en")];
        }""",
        [asdict(told), patterns()],
    )

    assert " · ".join(filter(None, said)) == PhaseWords(told).whole == words
