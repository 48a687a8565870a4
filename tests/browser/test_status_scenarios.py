"""Every sort of host that the fake driver knows, as somebody sees it on the status page."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.runner.programs import BASE_DIR
from tests.browser.conftest import SOON
from tests.fakes.nvml.library import SCENARIOS, environment
from tests.house import House
from tests.house import environment as house_environment

NODE = "gpu-01"
WAIT = SOON * 1000

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


@pytest.mark.parametrize("scenario", SEEN)
def test_a_host_is_shown_as_it_is(
    olive: Page, address: str, scenario: str, tmp_path: Path
) -> None:
    with hosting(SCENARIOS / f"{scenario}.conf", address):
        olive.goto("/status/")
        host = olive.get_by_role("region", name=re.compile(f"^{NODE}"))
        for words in SEEN[scenario]:
            expect(host).to_contain_text(words, timeout=WAIT, use_inner_text=True)
        expect(host).to_contain_text(re.compile("sampled"), timeout=WAIT)
        shot = tmp_path / f"{scenario}.png"
        olive.screenshot(path=shot, full_page=True)

    assert shot.stat().st_size
