"""Every sort of host that the fake driver knows, as somebody sees it on the status page,
and what becomes of that when something dies."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.runner.programs import BASE_DIR
from tests.browser.conftest import SOON
from tests.fakes.nvml.library import SCENARIOS, environment
from tests.house import House
from tests.house import environment as house_environment

NODE = "gpu-01"
WAIT = SOON * 1000

LATE, LIVE = re.compile("host-(late|silent)"), re.compile("host-live")
SEEN = {
    "rtx4090-live": ("RTX 4090", "driver 580.65.06", "of 450 W"),
    "h200-x8": ("0 · H200", "7 · H200", "8 GPUs"),
    "a100-mig": ("A100-SXM4-80GB", "33.3 GB / 41.9 GB"),
    "gb10-unified": ("GB10", "shared with the processor"),
    "wsl2": ("RTX 3070 Laptop GPU", "driver 566.36"),
    "zero-gpu": ("driver 580.65.06", "no GPU"),
    "no-driver": ("driver is installed but not running",),
    "flaky": ("RTX A4000",),
}
"""What must stand in the host's section, beside whatever else."""


@pytest.fixture(scope="module")
def address(house: House) -> str:
    """Where the host sends what it has to say, with the secret that it was given."""
    told = subprocess.run(
        (sys.executable, "manage.py", "add_node", NODE),
        cwd=BASE_DIR,
        env=house_environment(house.data),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = re.search(r"REDIS_URL=(\S+)", told)
    assert found
    return found[1]


@contextmanager
def hosting(scenario: Path, address: str) -> Iterator[None]:
    """The host runs, with the driver and the cards of a scenario."""
    command = (sys.executable, "-m", "tests.fakes.nvml.host", NODE, address)
    with subprocess.Popen(command, cwd=BASE_DIR, env=environment(scenario)) as process:
        try:
            yield
        finally:
            process.kill()


def host_on(page: Page) -> Locator:
    return page.get_by_role("region", name=re.compile(f"^{NODE}"))


@pytest.mark.parametrize("scenario", SEEN)
def test_a_host_is_shown_as_it_is(
    olive: Page, address: str, scenario: str, tmp_path: Path
) -> None:
    shot = tmp_path / f"{scenario}.png"
    with hosting(SCENARIOS / f"{scenario}.conf", address):
        olive.goto("/status/")
        for words in (*SEEN[scenario], "sampled"):
            expect(host_on(olive)).to_contain_text(
                words, timeout=WAIT, use_inner_text=True
            )
        olive.screenshot(path=shot, full_page=True)

    assert shot.stat().st_size


def test_a_host_that_dies_is_late_and_live_again_once_it_is_back(
    olive: Page, address: str
) -> None:
    scenario = SCENARIOS / "rtx4090-live.conf"
    host = host_on(olive).locator("[data-host]")
    with hosting(scenario, address):
        olive.goto("/status/")
        expect(host).to_have_class(LIVE, timeout=WAIT)
        expect(host).to_contain_text("RTX 4090", timeout=WAIT)

    # One that died before it was told that somebody looks is late after 30 seconds.
    expect(host).to_have_class(LATE, timeout=2 * WAIT)

    with hosting(scenario, address):
        expect(host).to_have_class(LIVE, timeout=WAIT)


@pytest.mark.parametrize("sign", ["valkey-server", "-Q short", "manage.py web"])
def test_the_page_goes_on_by_itself_when_a_part_of_the_house_was_killed(
    olive: Page, house: House, address: str, sign: str
) -> None:
    power = host_on(olive).locator("[data-cell=power]")
    with hosting(SCENARIOS / "rtx4090-live.conf", address):
        olive.goto("/status/")
        expect(power).to_have_text(re.compile(r"\d+ W"), timeout=WAIT)
        pid = house.pid_of(sign)
        os.kill(pid, signal.SIGKILL)
        house.pid_of(sign, unlike=pid)
        # The first may have been on its way; the noise of each second tells them apart.
        for _ in range(2):
            expect(power).not_to_have_text(power.inner_text(), timeout=2 * WAIT)
